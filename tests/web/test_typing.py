"""The handlers of the typing tab, without a browser."""

import re
from html.parser import HTMLParser

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model import limits
from emoji_model.persistence import default_model
from emoji_model.text import Token
from emoji_model.web import typing


@given(st.one_of(st.none(), st.text(max_size=300)), st.one_of(st.none(), st.text(max_size=20)))
def test_the_live_handler_never_raises(sentence: str | None, model: str | None) -> None:
    value, reading = typing.suggest(sentence, model)
    assert value["state"] in ("empty", "unsure", "ready")
    assert bool(value["emoji"]) == (value["state"] == "ready")
    assert isinstance(reading, str)


@pytest.mark.parametrize("sentence", [5, ["a"], {"a": 1}, 1.5, True])
def test_the_live_handler_survives_what_is_no_text(sentence: object) -> None:
    assert typing.suggest(sentence, None)[0]["state"] == "empty"  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


TOKENS = st.builds(
    Token, text=st.text(min_size=1), source=st.text(min_size=1), known=st.booleans(), completed=st.booleans()
)


@given(st.lists(TOKENS, max_size=80))
def test_the_reading_is_escaped(tokens: list[Token]) -> None:
    parser = Tags()
    parser.feed(typing.reading_html(tokens))
    assert parser.tags <= {"p", "ol", "li", "span"}
    assert parser.attributes <= {"class", "title", "aria-label"}


def test_long_sentences_show_their_first_tokens() -> None:
    shown = typing.reading_html([Token("a", "a", True)] * 100)
    assert shown.count("<li>") == 60
    assert "and 40 more" in shown


def test_states_of_the_page() -> None:
    assert typing.suggest("  ", None)[0]["state"] == "empty"
    assert "No word here is known" in typing.suggest("zxqvw", None)[0]["line"]
    ready = typing.suggest("i love you", None)[0]
    assert ready["state"] == "ready"
    assert not ready["notice"]
    assert "2,000" in typing.suggest("love " * 400, None)[0]["notice"]


def test_the_public_api_has_the_shape_of_a_label() -> None:
    found = typing.predict("i love you", "", 2)
    assert found["label"] == found["confidences"][0]["label"]
    assert len(found["confidences"]) == 2
    assert typing.predict("zxqvw") == {"label": None, "confidences": []}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("hi", "nosuch"), "There is no model 'nosuch'"),
        (("hi", "", 0), "top_k"),
        (("hi", "", 10**9), "top_k"),
        ((None,), "must be text"),
    ],
)
def test_wrong_api_calls_are_told(arguments: tuple[object, ...], says: str) -> None:
    with pytest.raises(gr.Error, match=re.escape(says)):
        typing.predict(*arguments)  # type: ignore[arg-type]


def test_an_offered_model_is_the_only_one_a_client_can_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoji_model.hub.download", lambda name, *_: pytest.fail(f"asked the Hub for {name}"))
    assert typing.suggest("i love you", "someone/evil")[0] == typing.suggest("i love you", default_model())[0]


def test_the_limit_of_the_box_is_the_limit_of_the_tokenizer() -> None:
    assert f"slice(0, {limits.SENTENCE_CHARACTERS})" in typing.FROM_LINK
