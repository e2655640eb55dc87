"""The retrain tab: click to result, typing while others train, and a large training's time and memory.

Run `python -m tests.benchmarks.retrain [SMALL.csv [LARGE.csv]]`: SMALL is trained through the page, warm and cold;
LARGE, where it is given, in the process alone. Without SMALL, 132 of our own five-emoji sentences are taken.
"""

import csv
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Page, sync_playwright

from emoji_model.job import Job, Outcome
from emoji_model.trainer import Trainer
from tests.benchmarks.keystroke import KEY, LETTERS, prepare
from tests.benchmarks.table import show, verdict
from tests.web.serving import BROWSER_FLAGS, ROOT, app_command, find_browser, free_port, serve

ROUNDS = 3
CORPUS = ROOT / "assets" / "corpora" / "classic_train.csv"


def small_file(folder: Path) -> Path:
    """132 of our own sentences, as a CSV."""
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    path = folder / "small.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[1 :: len(rows) // 132][:132])
    return path


def bring(page: Page, file: Path) -> None:
    """Opens the tab and uploads a file."""
    page.get_by_role("tab", name="Retrain").click()
    page.wait_for_selector("#retrain-file input[type=file]", state="attached")
    page.set_input_files("#retrain-file input[type=file]", str(file))
    page.wait_for_selector("#retrain-report h4")


def click_to_result(page: Page) -> float:
    """Seconds from the click on Train until the figures are there."""
    start = time.perf_counter()
    page.click("#retrain-start")
    page.wait_for_selector("#retrain-progress .done", timeout=120_000)
    page.wait_for_selector("#retrain-result table")
    return time.perf_counter() - start


def worker_of(app: int) -> psutil.Process | None:
    """The app's training process, if there is one."""
    children = psutil.Process(app).children(recursive=True)
    return next((child for child in children if "emoji_model.worker" in child.cmdline()), None)


def type_letters(page: Page) -> list[float]:
    """Milliseconds from each key to its painted result."""
    page.bring_to_front()
    times = []
    for letter in LETTERS:
        times.append(page.evaluate(KEY, letter))
        page.wait_for_timeout(40)
    page.locator("#sentence textarea").fill("")
    page.wait_for_timeout(300)
    return times


def large(path: Path, folder: Path) -> None:
    """Trains on a large file and prints what it took."""
    trainer, peak, start = Trainer(), 0, time.perf_counter()
    for status in trainer.train(Job(str(path), str(folder / "large"), name="large"), threading.Event()):
        if trainer.process:
            peak = max(peak, psutil.Process(trainer.process).memory_info().rss)
        if isinstance(status, Outcome):
            figures = status.figures
    trainer.close()
    seconds = time.perf_counter() - start
    rows = [
        (
            path.name,
            f"{seconds:.0f}",
            f"{peak / 2**20:,.0f}",
            f"{figures['accuracy']:.3f}",
            f"{figures['macro_f1']:.3f}",
        )
    ]
    show("A large training", ("", "seconds", "peak resident MB", "accuracy", "macro-F1"), rows)
    verdict("minutes", seconds / 60, 12)
    verdict("peak, GB", peak / 1e9, 3)


def main() -> None:
    """Measures and prints."""
    path = find_browser()
    if path is None:
        sys.exit("no Chromium found: install it (Debian: apt-get install chromium) or set EMOJI_MODEL_CHROMIUM")
    folder = Path(tempfile.mkdtemp())
    small = Path(sys.argv[1]) if len(sys.argv) > 1 else small_file(folder)
    port = free_port()
    with serve(app_command(port), port, folder / "log.txt") as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*BROWSER_FLAGS])
        trains, types = browser.new_page(), browser.new_page()
        for page in (trains, types):
            prepare(page, app.url)
        bring(trains, small)
        click_to_result(trains)
        warm = [click_to_result(trains) for _ in range(ROUNDS)]
        cold = []
        for _ in range(ROUNDS):
            worker = worker_of(app.pid)
            if worker:
                worker.kill()
                worker.wait()
            cold.append(click_to_result(trains))
        alone = type_letters(types) + type_letters(types)
        trains = browser.new_page()
        prepare(trains, app.url)
        bring(trains, CORPUS)
        trains.get_by_text("What can be changed").click()
        trains.locator("#retrain-begin label").nth(1).click()
        trains.click("#retrain-start")
        trains.wait_for_function(
            "document.querySelector('#retrain-progress').innerText.includes('Epoch')", timeout=120_000
        )
        beside = type_letters(types) + type_letters(types)
        still = trains.locator("#retrain-progress [role=progressbar]").count() == 1
        browser.close()
    if not still:
        sys.exit("the training ended before the typing did: nothing was measured")
    show("Click to result", ("", "median seconds", "slowest"), [
        ("warm process", f"{median(warm):.1f}", f"{max(warm):.1f}"), ("new process", f"{median(cold):.1f}", f"{max(cold):.1f}")
    ])  # fmt: skip
    verdict("seconds, warm", median(warm), 10)
    verdict("seconds, cold", median(cold), 30)
    show("Keystroke to paint", ("", "median ms"), [
        ("nobody trains", f"{median(alone):.1f}"), ("another visitor trains", f"{median(beside):.1f}")
    ])  # fmt: skip
    verdict("training / not", median(beside) / median(alone), 2)
    if len(sys.argv) > 2:
        large(Path(sys.argv[2]), folder)


if __name__ == "__main__":
    main()
