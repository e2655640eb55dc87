"""The page in a real browser."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from emoji_model import limits
from emoji_model.web import typing
from tests.web.conftest import open_page
from tests.web.serving import Served

SENTENCE = "we ordered pizza and pasta for the whole team after the game"
SHOWN = """() => {
  const state = document.querySelector('#predictions [data-state]');
  if (!state) return null;
  return {
    state: state.dataset.state,
    line: state.querySelector('.line').textContent,
    notice: state.querySelector('.notice').textContent,
    emoji: [...state.querySelectorAll('.emoji button')].map(b => b.dataset.emoji + ' ' + b.querySelector('.share').textContent),
    read: document.querySelector('#reading').innerText.replace(/\\s+/g, ' ').trim(),
  };
}"""


def expected(sentence: str) -> dict[str, Any]:
    """What the page must show for a sentence, from the handlers themselves."""
    value, _ = typing.suggest(sentence, None)
    shares = [
        f"{e['emoji']} {'<1%' if e['confidence'] < 0.01 else str(int(e['confidence'] * 100 + 0.5)) + '%'}"
        for e in value["emoji"]
    ]
    return {"state": value["state"], "line": value["line"], "notice": value["notice"], "emoji": shares}


def assert_shows(page: Page, sentence: str) -> None:
    """The box holds `sentence`, and what is shown belongs to it, and stays."""
    wanted = expected(sentence)
    script = f"(wanted) => {{ const s = ({SHOWN})(); if (!s) return false; delete s.read; return JSON.stringify(s) === wanted; }}"
    order = json.dumps(
        {k: wanted[k] for k in ("state", "line", "notice", "emoji")}, ensure_ascii=False, separators=(",", ":")
    )
    try:
        page.wait_for_function(script, arg=order, timeout=10_000)
    except Exception as error:
        raise AssertionError(f"for {sentence!r} wanted {wanted}, shown {page.evaluate(SHOWN)}") from error
    assert box(page).input_value() == sentence
    page.wait_for_timeout(250)
    assert page.evaluate(script, order)


def box(page: Page) -> Any:
    return page.locator("#sentence textarea")


def test_it_opens_calm_and_ready_to_type(page: Page) -> None:
    assert page.title() == "Emoji as you type"
    expect(box(page)).to_be_focused()
    assert_shows(page, "")
    expect(page.get_by_text("The emoji that fit appear here")).to_be_visible()
    expect(page.get_by_label("Your sentence")).to_be_visible()


def test_typing_letter_by_letter(page: Page) -> None:
    typed = ""
    for letter in "i love pizza!":
        page.keyboard.type(letter)
        typed += letter
        assert_shows(page, typed)


@pytest.mark.parametrize("attempt", range(5))
def test_a_burst_without_delay_ends_with_the_last_letter(page: Page, attempt: int) -> None:
    assert len(SENTENCE) == 60
    page.keyboard.type(SENTENCE, delay=0)
    assert_shows(page, SENTENCE)


def test_a_burst_on_a_slow_network(page: Page) -> None:
    def slow(route: Route) -> None:
        page.wait_for_timeout(120)
        route.continue_()

    page.route("**/gradio_api/**", slow)
    page.keyboard.type(SENTENCE, delay=5)
    assert_shows(page, SENTENCE)
    page.unroute_all(behavior="ignoreErrors")


def test_paste_cut_and_undo(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('he hit a home run')")
    page.keyboard.press("Control+V")
    assert_shows(page, "he hit a home run")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+X")
    assert_shows(page, "")
    page.keyboard.press("Control+Z")
    assert_shows(page, "he hit a home run")


def test_completion_and_unknown_words_are_shown(page: Page) -> None:
    page.keyboard.type("zxqvw with piz")
    assert_shows(page, "zxqvw with piz")
    expect(page.locator("#reading li.unknown")).to_contain_text("zxqvw")
    expect(page.locator("#reading li.completed")).to_have_text("piz → pizza")


def test_unknown_words_alone_are_answered_calmly(page: Page) -> None:
    page.keyboard.type("zxqvw qqzzx ")
    assert_shows(page, "zxqvw qqzzx ")
    expect(page.get_by_text("No word here is known yet")).to_be_visible()


def test_a_click_appends_and_says_so(page: Page) -> None:
    page.keyboard.type("i love you")
    assert_shows(page, "i love you")
    page.get_by_role("button", name="red heart").click()
    assert_shows(page, "i love you ❤️")
    expect(page.locator("#predictions .done")).to_have_text("Added red heart")
    expect(page.locator("#predictions [role=status]")).to_have_text("Added red heart")


def test_the_keyboard_reaches_the_buttons(page: Page) -> None:
    page.keyboard.type("i love you")
    assert_shows(page, "i love you")
    page.keyboard.press("Tab")
    expect(page.locator("#predictions .emoji button").first).to_be_focused()
    page.keyboard.press("Enter")
    assert_shows(page, "i love you ❤️")
    expect(page.locator("#predictions .emoji button").first).to_be_focused()
    page.keyboard.press("Space")
    assert_shows(page, "i love you ❤️ " + typing.suggest("i love you ❤️", None)[0]["emoji"][0]["emoji"])


def test_the_settled_result_is_announced(page: Page) -> None:
    page.keyboard.type("i love you")
    expect(page.locator("#predictions [role=status]")).to_contain_text("Best fit: red heart")
    assert page.locator("#predictions [role=status]").get_attribute("aria-live") == "polite"
    expect(page.locator("#predictions .glyph").first).to_have_attribute("aria-hidden", "true")


def test_copy_takes_the_whole_sentence(page: Page) -> None:
    page.keyboard.type("i love you")
    assert_shows(page, "i love you")
    page.get_by_role("button", name="red heart").click()
    page.get_by_role("button", name="Copy sentence").click()
    expect(page.locator("#predictions .done")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "i love you ❤️"


def test_an_example_fills_the_box_with_one_click(page: Page) -> None:
    for sentence in typing.EXAMPLES:
        page.get_by_role("button", name=sentence, exact=True).click()
        assert_shows(page, sentence)


@pytest.mark.parametrize("sentence", ["miss you so much", "a & b = ${alert(1)} <b>&amp;</b> 100% ❤️", "x" * 2_100])
def test_a_link_opens_with_its_sentence(context: BrowserContext, app: Served, sentence: str) -> None:
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    link = page.evaluate("s => '/?' + new URLSearchParams({sentence: s})", sentence)
    page.goto(app.url + link)
    assert_shows(page, sentence[: limits.SENTENCE_CHARACTERS])


HOSTILE = (
    "${alert(1)}", "{{constructor}}", "{{constructor.constructor('alert(1)')()}}", "`${alert(1)}`",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)> i love you", "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)", "' OR 1=1 --", "❤️🔥😂👨‍👩‍👧🇺🇸", "\u202eevol \u200f i love you", "أحبك كثيرا", "我爱你", "\u0301\u0301 zalgo",
    "a\u0000b\u0007c", "\ufeff\u200b\u200d", "%s %d {0} %(x)s", "../../etc/passwd", "🏽", "\ufe0f",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_never_run(page: Page, text: str) -> None:
    box(page).fill(text)
    assert_shows(page, text)
    page.keyboard.press("End")
    page.keyboard.type(" love")
    assert_shows(page, text + " love")
    assert (
        page.evaluate(
            "document.querySelectorAll('#predictions script, #reading script, #reading img, #reading svg').length"
        )
        == 0
    )


def test_a_pasted_megabyte_is_cut_and_said(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('i love you so much '.repeat(55000))")
    page.keyboard.press("Control+V")
    assert_shows(page, ("i love you so much " * 200)[: limits.SENTENCE_CHARACTERS])
    expect(page.locator("#predictions .notice")).to_contain_text("2,000 characters")


def test_two_visitors_see_their_own(browser: Browser, app: Served) -> None:
    first, second = browser.new_context(), browser.new_context()
    pages = open_page(first, app.url), open_page(second, app.url)
    sentences = "i love you so much", "he hit the ball out of the park"
    for letters in zip(*(s.ljust(40) for s in sentences), strict=True):
        for page, letter in zip(pages, letters, strict=True):
            page.keyboard.type(letter)
    for page, sentence in zip(pages, sentences, strict=True):
        assert_shows(page, sentence.ljust(40))
    first.close()
    second.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_fits_and_can_be_read(browser: Browser, app: Served, scheme: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 780}, color_scheme=scheme)
    page = open_page(context, app.url)
    for sentence in ("", "i love you", "zxqvw" * 100):
        box(page).fill(sentence)
        assert_shows(page, sentence)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), sentence
    box(page).fill("i love you")
    assert_shows(page, "i love you")
    for selector in (
        "#title h1",
        "#title p",
        "#sentence textarea",
        "#predictions .name",
        "#predictions .share",
        "#reading li",
    ):
        assert page.evaluate(CONTRAST, selector) >= 4.5, selector
    sizes = page.evaluate(
        "[...document.querySelectorAll('#predictions button')].map(b => b.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    dark = page.evaluate("document.body.classList.contains('dark')")
    assert dark == (scheme == "dark")
    context.close()


CONTRAST = """(selector) => {
  const element = document.querySelector(selector);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = element, ground = [255, 255, 255];
  while (behind) {
    const colour = numbers(getComputedStyle(behind).backgroundColor);
    if (colour.length < 4 || colour[3] > 0.9) { ground = colour; break; }
    behind = behind.parentElement;
  }
  const [a, b] = [light(numbers(getComputedStyle(element).color)), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


def test_nothing_typed_is_printed_or_recorded(page: Page, app: Served) -> None:
    page.keyboard.type("my secret is xylophone")
    assert_shows(page, "my secret is xylophone")
    assert "xylophone" not in app.printed()
    stored = page.evaluate("JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})")
    assert "xylophone" not in stored
    assert page.request.get(f"{app.url}/gradio_api/runs").status == 404


def test_the_page_asks_no_other_host(context: BrowserContext, app: Served) -> None:
    hosts: set[str] = set()
    page = context.new_page()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None)
    page.goto(app.url)
    page.wait_for_selector("#sentence textarea")
    page.keyboard.type("i love you")
    assert_shows(page, "i love you")
    assert hosts == {app.url.removeprefix("http://")}
