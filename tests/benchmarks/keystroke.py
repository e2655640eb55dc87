"""From a key to its painted result in headless Chromium: our page and a bare echo page, in turn.

Run `python -m tests.benchmarks.keystroke`.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.table import show, verdict
from tests.web.serving import BROWSER_FLAGS, app_command, find_browser, free_port, serve

LETTERS = "we won the game tonight and everyone is going out for pizza "
ROUNDS = 4

# Types one letter, and resolves with the milliseconds until the frame after the result has changed.
KEY = """(letter) => new Promise((resolve) => {
  const box = document.querySelector('#sentence textarea, #sentence input');
  const shown = document.querySelector('#predictions');
  const reading = document.querySelector('#reading');
  const observer = new MutationObserver(() => {
    observer.disconnect();
    requestAnimationFrame(() => { const frame = new MessageChannel(); frame.port1.onmessage = () => resolve(performance.now() - start); frame.port2.postMessage(0); });
  });
  for (const part of [shown, reading]) if (part) observer.observe(part, { subtree: true, childList: true, characterData: true, attributes: true });
  const start = performance.now();
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value').set;
  set.call(box, box.value + letter);
  box.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def prepare(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("#sentence textarea, #sentence input")
    page.wait_for_timeout(800)


def main() -> None:
    """Measures and prints."""
    path = find_browser()
    if path is None:
        sys.exit("no Chromium found: install it (Debian: apt-get install chromium) or set EMOJI_MODEL_CHROMIUM")
    ours, echo = free_port(), free_port()
    logs = Path(tempfile.mkdtemp())
    with (
        serve(app_command(ours), ours, logs / "ours.txt") as app,
        serve([sys.executable, "-m", "tests.benchmarks.echo", str(echo)], echo, logs / "echo.txt") as bare,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=[*BROWSER_FLAGS])
        pages = {"echo page": browser.new_page(), "our page": browser.new_page()}
        for page, served in zip(pages.values(), (bare, app), strict=True):
            prepare(page, served.url)
        times: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(ROUNDS):
            for letter in LETTERS:
                for name, page in pages.items():
                    page.bring_to_front()
                    times[name].append(page.evaluate(KEY, letter))
                    page.wait_for_timeout(40)
            for page in pages.values():
                page.locator("#sentence textarea, #sentence input").fill("")
                page.wait_for_timeout(300)
        browser.close()
    rows = [
        (name, f"{median(t):.1f}", f"{sorted(t)[int(len(t) * 0.95)]:.1f}", str(len(t))) for name, t in times.items()
    ]
    show("Keystroke to paint", ("", "median ms", "95th percentile ms", "keys"), rows)
    verdict("ours / echo", median(times["our page"]) / median(times["echo page"]), 1.25)


if __name__ == "__main__":
    main()
