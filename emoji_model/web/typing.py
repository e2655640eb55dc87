"""The typing tab: one text box, the emoji that fit, and how the sentence was read."""

import logging
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.predictor import EmojiPredictor, Reading
from emoji_model.text import Token
from emoji_model.web import models
from emoji_model.web.sessions import OWN, Session, Sessions

_log = logging.getLogger(__name__)
ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
SUGGESTIONS = 5
_TOKENS_SHOWN = 60

EXAMPLES = (
    "miss you so much",
    "he hit a home run in the ninth",
    "I am not happy at all",
    "who is down for pizza tonight",
    "you passed the exam, congratulations!",
)

FROM_LINK = f"""(current) => {{
    const sentence = new URLSearchParams(window.location.search).get("sentence");
    return sentence === null || current ? current : sentence.slice(0, {limits.SENTENCE_CHARACTERS});
}}"""


def suggest(sentence: str | None, model: str | None, session: Session | None = None) -> tuple[dict[str, Any], str]:
    """What the page shows for a sentence: the value of the suggestions, and the HTML of the reading.

    It never raises: an exception in a live handler would lose the visitor's last text.

    Args:
        sentence: what is in the box.
        model: the name of an offered model or of one of the visitor's own; else the default one is asked.
        session: the visitor's things, if they have any.
    """
    text = sentence if isinstance(sentence, str) else ""
    name = model if isinstance(model, str) else ""
    own = session.models.get(name) if session else None
    if own is None and name.endswith(OWN) and name not in _offered:
        return _value("unsure", "This model of yours is gone. Choose another one."), ""
    try:
        predictor = models.predictor(str(own)) if own else predictor_of(name if name in _offered else "")
        reading = predictor.read(text, SUGGESTIONS, typing=True)
    except InputError:
        _log.exception("no suggestion")
        return _value("unsure", "This model cannot be read right now. Choose another one."), ""
    return suggestions(text, reading), reading_html(reading.tokens)


def suggestions(sentence: str, reading: Reading) -> dict[str, Any]:
    """The value of the suggestions component: a state, a line of text, and the emoji if there are any."""
    if not sentence.strip():
        return _value("empty", "The emoji that fit appear here while you type.")
    notice = ""
    if len(sentence.encode("utf-16-le", "surrogatepass")) // 2 >= limits.SENTENCE_CHARACTERS:  # as browsers count
        notice = f"The box is full: it holds {limits.SENTENCE_CHARACTERS:,} characters. What comes after is not taken."
    if not reading.sure:
        known = any(token.known for token in reading.tokens)
        line = "Not sure yet. A few more words will help." if known else "No word here is known yet. Keep typing."
        return _value("unsure", line, notice)
    emoji = [
        {"emoji": p.emoji, "name": p.name, "confidence": round(p.confidence, 4)}
        for p in reading.ranking
        if p.confidence >= 0.005 or p is reading.ranking[0]
    ]
    return _value("ready", "", notice, emoji)


def reading_html(tokens: Sequence[Token]) -> str:
    """The tokens as read, escaped: unknown ones marked, completions shown with what was typed."""
    if not tokens:
        return ""
    shown = "".join(_token_html(token) for token in tokens[:_TOKENS_SHOWN])
    more = f"<li class='more'>and {len(tokens) - _TOKENS_SHOWN} more</li>" if len(tokens) > _TOKENS_SHOWN else ""
    return f"<p>Read as</p><ol aria-label='Tokens as read'>{shown}{more}</ol>"


def _token_html(token: Token) -> str:
    text = escape(token.text if token.text.strip("\ufe0e\ufe0f\u200d") else "\u25cc")
    if token.completed:
        return f"<li class='completed'><span>{escape(token.source.lower())}</span> → {text}</li>"
    if not token.known:
        return f"<li class='unknown' title='no word vector: not read'>{text}<span class='sr'> (not read)</span></li>"
    return f"<li>{text}</li>"


def _value(state: str, line: str, notice: str = "", emoji: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {"state": state, "line": line, "notice": notice, "emoji": list(emoji)}


_offered: dict[str, str] = models.offered()
"""The models of this run of the app, by the names that are shown, the default one first."""


def predict(sentence: str, model: str = "", top_k: int = 5) -> dict[str, Any]:
    """The emoji that fit an English sentence best, most confident first.

    Args:
        sentence: the text, of which the first 2,000 characters are read.
        model: one of the models the page offers; empty for the default one.
        top_k: how many emoji at most, from 1 to 50.
    """
    if not isinstance(model, str) or (model and model not in _offered):
        raise gr.Error(
            f"There is no model {str(model)[:60]!r} here. Use one of {', '.join(_offered)}.", print_exception=False
        )
    try:
        found = predictor_of(model).predict(sentence, top_k)
    except InputError as error:
        raise gr.Error(str(error), print_exception=False) from None
    confidences = [{"label": p.emoji, "confidence": p.confidence} for p in found]
    return {"label": found[0].emoji if found else None, "confidences": confidences}


def predictor_of(model: str) -> EmojiPredictor:
    """The predictor of an offered model, the default one for an empty name."""
    return models.predictor(_offered[model] if model else next(iter(_offered.values())))


def offered() -> list[str]:
    """The names of the models that everybody is offered, the default one first."""
    return list(_offered)


def build(sessions: Sessions, start_model: str | None = None) -> tuple[gr.Textbox, gr.Radio]:
    """Builds the tab inside the current Blocks and returns its text box and its choice of a model.

    Raises:
        InputError: where `start_model` cannot be loaded.
    """
    found = models.offered(start_model)
    _offered.clear()
    _offered.update(found)
    predictor_of("")

    def live(sentence: str | None, model: str | None, request: gr.Request) -> tuple[dict[str, Any], str]:
        return suggest(sentence, model, sessions.find(request.session_hash))

    with gr.Column(elem_id="typing"):
        box = gr.Textbox(
            label="Your sentence",
            placeholder="Type a sentence in English …",
            lines=2,
            max_lines=6,
            max_length=limits.SENTENCE_CHARACTERS,
            autofocus=True,
            elem_id="sentence",
        )
        emoji = gr.HTML(
            _value("empty", "The emoji that fit appear here while you type."),
            html_template=(ASSETS / "predictions.html").read_text(encoding="utf-8"),
            js_on_load=(ASSETS / "predictions.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            padding=False,
            elem_id="predictions",
        )
        reading = gr.HTML("", apply_default_css=False, padding=False, elem_id="reading")
        with gr.Row(elem_id="examples"):
            gr.HTML("Try one:", apply_default_css=False, padding=False, container=False, elem_classes="hint")
            for sentence in EXAMPLES:
                gr.Button(sentence, size="sm", min_width=0).click(
                    None, None, box, js=f"() => {sentence!r}", api_visibility="private"
                )
        choice = gr.Radio(
            list(found),
            value=next(iter(found)),
            label="Model",
            elem_id="model-choice",
            visible=len(found) > 1 or "hidden",
        )
    gr.on(
        [box.change, choice.change],
        live,
        [box, choice],
        [emoji, reading],
        queue=False,
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )
    gr.api(predict, api_name="predict", queue=True)
    return box, choice
