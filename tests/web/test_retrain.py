"""The retrain tab in a real browser: the whole way, and what happens when a visitor does not go it to the end."""

import os
import re
import signal
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, BrowserContext, Page, expect

from emoji_model import EmojiPredictor
from tests.web.conftest import open_page
from tests.web.serving import ROOT, Served

SAMPLES = ROOT / "assets" / "samples"
SLOW = 90_000.0  # milliseconds: a worker may have to start, on a machine that has other things to do


@pytest.fixture(scope="module")
def long_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough sentences for an epoch to take seconds."""
    words = ["pizza", "soup", "bread", "cheese", "cake", "rice", "tears", "grief", "sorrow", "pain", "loss", "hurt"]
    rows = [f"{words[i % 12]} and {words[j % 12]} number {i} {j},{'fed' if i % 12 < 6 else 'low'}"
            for i in range(120) for j in range(60)]  # fmt: skip
    path = tmp_path_factory.mktemp("long") / "long.csv"
    path.write_text("text,mood\n" + "\n".join(rows), encoding="utf-8")
    return path


def open_retrain(page: Page) -> None:
    page.get_by_role("tab", name="Retrain").click()
    page.wait_for_selector("#retrain-file input[type=file]", state="attached")


def test_programs_train_through_the_api(app: Served, tmp_path: Path) -> None:
    client = Client(app.url, download_files=str(tmp_path), verbose=False)
    job = client.submit(handle_file(SAMPLES / "trip.csv"), "bilstm", "everyday", 10, 20, api_name="/train")
    figures, package = job.result(timeout=120)
    assert figures["state"] == "done"
    assert figures["n"] == 36
    assert figures["accuracy"] > 0.5
    assert any(update[0]["state"] == "training" for update in job.outputs())
    with zipfile.ZipFile(package) as archive:
        assert "trip/config.json" in archive.namelist()
    (tmp_path / "bad.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(AppError, match="it is PNG"):
        client.predict(handle_file(tmp_path / "bad.csv"), "bilstm", "everyday", 10, 20, api_name="/train")


def bring(page: Page, file: Path) -> None:
    open_retrain(page)
    page.set_input_files("#retrain-file input[type=file]", str(file))
    expect(page.locator("#retrain-report")).to_contain_text("rows are used", timeout=20_000)


def start(page: Page) -> None:
    page.click("#retrain-start")


def wait_for_epoch(page: Page) -> None:
    expect(page.locator("#retrain-progress")).to_contain_text("held-out accuracy", timeout=SLOW)


def wait_for_result(page: Page) -> None:
    expect(page.locator("#retrain-result table").first).to_be_visible(timeout=SLOW)


def offered(page: Page) -> list[str]:
    return page.locator("#model-choice label").all_inner_texts()


def worker_of(app: Served) -> psutil.Process:
    """The app's training process."""
    for child in psutil.Process(app.pid).children(recursive=True):
        if "emoji_model.worker" in child.cmdline():
            return child
    raise AssertionError("no worker runs")


def session_folders(app: Served) -> list[Path]:
    return [p for root in Path(tempfile.gettempdir()).glob(f"emoji-model-{app.pid}-*") for p in root.iterdir()]


def files_of(app: Served, name: str) -> list[Path]:
    return [path for folder in session_folders(app) for path in folder.rglob(name)]


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.2)
    return False


def test_the_whole_way(page: Page, app: Served, tmp_path: Path) -> None:
    bring(page, SAMPLES / "moods.csv")
    report = page.locator("#retrain-report")
    expect(report).to_contain_text("180 of 180 rows are used")
    expect(report).to_contain_text("sentences in text, labels in mood")
    assert report.locator(".bars li").count() == 5
    expect(page.locator("#retrain-emoji")).to_contain_text("happy")
    start(page)
    wait_for_result(page)
    result = page.locator("#retrain-result")
    expect(result).to_contain_text(re.compile(r"moods: of \d+ held-out sentences"))
    expect(result).to_contain_text("counting words")
    expect(result).to_contain_text("always the largest class")
    assert result.locator(".confusion tbody tr").count() == 5
    expect(page.locator("#retrain-curves")).to_contain_text("Loss")
    page.locator("#retrain-try textarea, #retrain-try input").first.fill("i am so furious right now")
    expect(page.locator("#retrain-tried li").first).to_contain_text("angry")
    expect(page.locator("#retrain-tried")).to_contain_text("everyday")
    with page.expect_download() as download:
        page.click("#retrain-download")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "moods"
    assert {p.name for p in folder.iterdir()} == {"config.json", "model.safetensors", "model.keras", "README.md"}
    taken = EmojiPredictor.from_pretrained(folder).predict("i am so furious right now", 1, abstain=False)[0]
    assert taken.name == "angry"
    assert not any("tensorflow" in part.path for part in psutil.Process(app.pid).memory_maps())
    page.click("#retrain-use")
    page.wait_for_selector("#sentence textarea", state="visible")
    assert offered(page)[-1] == "moods (yours)"
    page.fill("#sentence textarea", "i am so furious right now")
    expect(page.locator("#predictions button .name").first).to_have_text("angry")
    page.locator("#model-choice label", has_text="everyday").click()
    expect(page.locator("#predictions button .name").first).not_to_have_text("angry")


def test_it_can_be_stopped_half_way(page: Page, long_csv: Path) -> None:
    bring(page, long_csv)
    start(page)
    wait_for_epoch(page)
    page.click("#retrain-stop")
    wait_for_result(page)
    expect(page.locator("#retrain-result")).to_contain_text("You stopped it early")
    expect(page.locator("#retrain-start")).to_be_enabled()
    expect(page.locator("#retrain-use")).to_be_visible()


def test_a_reload_ends_the_training_and_frees_its_files(context: BrowserContext, app: Served, long_csv: Path) -> None:
    page = open_page(context, app.url)
    bring(page, long_csv)
    start(page)
    wait_for_epoch(page)
    worker = worker_of(app)
    assert files_of(app, "long.csv")
    page.reload()
    assert until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert until(lambda: not files_of(app, "long.csv"))
    bring(page, SAMPLES / "trip.csv")
    start(page)
    wait_for_result(page)


def test_two_visitors_have_each_their_own_model(browser: Browser, app: Served) -> None:
    contexts = [browser.new_context() for _ in range(2)]
    pages = [open_page(context, app.url) for context in contexts]
    for page, sample in zip(pages, ("moods.csv", "trip.csv"), strict=True):
        bring(page, SAMPLES / sample)
    for page in pages:
        start(page)
    for page in pages:
        wait_for_result(page)
        page.click("#retrain-use")
        page.wait_for_selector("#sentence textarea", state="visible")
    assert offered(pages[0])[2:] == ["moods (yours)"]
    assert offered(pages[1])[2:] == ["trip (yours)"]
    for page in pages:
        page.fill("#sentence textarea", "i am so happy today")
    expect(pages[0].locator("#predictions button .name").first).to_have_text("happy")
    expect(pages[1].locator("#predictions")).not_to_contain_text("happy", timeout=10_000)
    for context in contexts:
        context.close()
    assert until(lambda: not session_folders(app)), "what visitors brought goes when they close the page"


def test_a_second_visitor_sees_their_place_in_the_queue(browser: Browser, app: Served, long_csv: Path) -> None:
    first, second = browser.new_context(), browser.new_context()
    page = open_page(first, app.url)
    bring(page, long_csv)
    start(page)
    wait_for_epoch(page)
    other = open_page(second, app.url)
    bring(other, SAMPLES / "trip.csv")
    start(other)
    expect(other.locator("#retrain-progress")).to_contain_text("You are number 1 in the queue")
    first.close()
    wait_for_result(other)
    second.close()


def test_a_killed_worker_is_told_and_nothing_is_lost(page: Page, app: Served, long_csv: Path) -> None:
    bring(page, long_csv)
    start(page)
    wait_for_epoch(page)
    os.kill(worker_of(app).pid, signal.SIGKILL)
    expect(page.locator("#retrain-progress")).to_contain_text("Your sentences are still here", timeout=20_000)
    expect(page.locator("#retrain-report")).to_contain_text("7,200 of 7,200 rows")
    start(page)
    wait_for_epoch(page)


def test_nothing_in_a_file_is_run_or_rendered(page: Page, tmp_path: Path) -> None:
    hostile = ("<img src=x onerror=alert(1)>", "${alert(1)}", "{{constructor.constructor('alert(1)')()}}")
    rows = [f'"{hostile[i % 3]} number {i}","{hostile[i % 2]}"' for i in range(30)]
    file = tmp_path / "bad.csv"
    file.write_text('"text","<b>label</b>"\n' + "\n".join(rows), encoding="utf-8")
    bring(page, file)
    expect(page.locator("#retrain-report")).to_contain_text("<img src=x onerror=alert(1)>")
    start(page)
    wait_for_result(page)
    page.click("#retrain-use")
    page.wait_for_selector("#sentence textarea", state="visible")
    page.fill("#sentence textarea", "number 7")
    page.wait_for_timeout(500)
    assert page.locator("img[src=x]").count() == 0


def test_every_button_says_what_it_does(page: Page) -> None:
    bring(page, SAMPLES / "trip.csv")
    start(page)
    wait_for_result(page)
    assert page.get_by_role("button", name="Run", exact=True).count() == 0
    names = page.locator("#retrain button:visible").all_inner_texts()
    assert names.count("Train") == 1
    assert names.count("Stop") == 1


def test_a_bad_file_is_told_in_a_sentence(page: Page, tmp_path: Path) -> None:
    open_retrain(page)
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    page.set_input_files("#retrain-file input[type=file]", str(file))
    expect(page.locator("#retrain-report [role=alert]")).to_have_text(
        "picture.csv is no text: it is PNG. Save it as a plain CSV."
    )
    start(page)
    expect(page.locator("#retrain-progress")).to_contain_text("Bring sentences first")


def test_a_second_training_leaves_nothing_of_the_first(page: Page) -> None:
    bring(page, SAMPLES / "moods.csv")
    start(page)
    wait_for_result(page)
    page.get_by_role("button", name="Or write them here").click()
    page.click("#retrain-use-rows")
    expect(page.locator("#retrain-report")).to_contain_text("8 of 8 rows are used")
    start(page)
    expect(page.locator("#retrain-progress")).to_contain_text("my sentences is trained", timeout=SLOW)
    expect(page.locator("#retrain-result")).to_contain_text("my sentences: of")
    expect(page.locator("#retrain-result")).not_to_contain_text("moods")


def test_an_emoji_is_changed_in_the_table(page: Page) -> None:
    open_retrain(page)
    page.get_by_role("button", name="Moods").click()
    table = page.locator("#retrain-emoji")
    expect(table).to_contain_text("happy")
    table.get_by_role("row").filter(has_text="happy").get_by_role("gridcell").last.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type(":tada:")
    page.keyboard.press("Enter")
    start(page)
    wait_for_result(page)
    expect(page.locator("#retrain-result")).to_contain_text("🎉 happy")


def test_deleting_leaves_the_tab_as_it_was_and_usable(page: Page, app: Served) -> None:
    bring(page, SAMPLES / "trip.csv")
    page.get_by_role("button", name="What can be changed").click()
    page.set_input_files("#retrain-test input[type=file]", str(SAMPLES / "trip.csv"))
    expect(page.locator("#retrain-tested")).to_contain_text("tested on 180 sentences")
    start(page)
    wait_for_result(page)
    expect(page.locator("#retrain-result")).to_contain_text("It learned from 180 of them")
    page.click("#retrain-delete")
    expect(page.locator("#retrain-deleted")).to_contain_text("deleted")
    for gone in ("#retrain-report", "#retrain-progress"):
        expect(page.locator(gone)).to_have_text("")
    expect(page.locator("#retrain-use")).to_be_hidden()
    expect(page.locator("#retrain-curves")).not_to_contain_text("Loss")
    page.get_by_role("button", name="A team's chat").click()
    expect(page.locator("#retrain-report")).to_contain_text("sentences in message, labels in reaction")
    start(page)
    wait_for_result(page)
    expect(page.locator("#retrain-result")).to_contain_text("team-chat: of")


@pytest.mark.parametrize("width", [360, 390])
def test_it_fits_a_phone(browser: Browser, app: Served, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 780})
    page = open_page(context, app.url)
    bring(page, SAMPLES / "moods.csv")
    start(page)
    wait_for_result(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
