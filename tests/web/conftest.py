"""A served app and a browser for the tests of the page.

Where no browser is found these tests skip with one line; `EMOJI_MODEL_REQUIRE_BROWSER=1` turns that into a failure.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.web.serving import BROWSER_FLAGS, Served, app_command, find_browser, free_port, serve

os.environ.setdefault("EMOJI_MODEL_WARM", "0")  # only the shared app trains: others need not start a process for it


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        line = "no Chromium found: install it (Debian: apt-get install chromium) or set EMOJI_MODEL_CHROMIUM"
        if os.environ.get("EMOJI_MODEL_REQUIRE_BROWSER") == "1":
            pytest.fail(line)
        pytest.skip(line)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*BROWSER_FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port = free_port()
    log = tmp_path_factory.mktemp("app") / "log.txt"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "EMOJI_MODEL_WARM": "1"}
    with serve(app_command(port), port, log, env=environment) as served:
        yield served
    assert "Traceback" not in served.printed()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, app: Served) -> Page:
    """The page, opened, with every script error and dialog turned into a failure at the end."""
    return open_page(context, app.url)


def open_page(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.goto(url)
    page.wait_for_selector("#predictions [role=status]", state="attached")
    page.wait_for_selector("#sentence textarea")
    return page
