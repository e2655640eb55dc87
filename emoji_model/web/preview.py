"""The retrain tab's third step: how good the trained model is, in figures a first-time visitor can read, and a try."""

from collections.abc import Mapping
from html import escape
from typing import Any

import gradio as gr

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.job import Outcome
from emoji_model.predictor import EmojiPredictor
from emoji_model.web import charts, models
from emoji_model.web.sessions import Session, Sessions

_FEW = 50
_TRIED = 3
_CLASSES_SHOWN = 100


def result_html(outcome: Outcome) -> str:
    """The whole report of a training, escaped."""
    return (
        charts.notice(verdict(outcome), "done")
        + _figures(outcome)
        + "<h4>Which labels are mixed up</h4>"
        + charts.confusion(outcome.confusion, outcome.confusion_labels, outcome.classes)
        + "<h4>Each label</h4>"
        + _classes(outcome)
        + _mistakes(outcome)
    )


def verdict(outcome: Outcome) -> str:
    """The result in two or three sentences."""
    figures = outcome.figures
    n, right = figures["n"], round(figures["accuracy"] * figures["n"])
    low, high = figures["interval"]
    kind = "test" if figures["tested_on"] == "test" else "held-out"
    unseen = "" if outcome.seen else ", which it did not learn from,"
    text = f"{outcome.name}: of {n:,} {kind} sentences{unseen} it gets {right:,} right ({right / n:.0%})."
    if outcome.seen:
        text += f" It learned from {outcome.seen:,} of them, so this is too good to be true for others."
    others = figures["baselines"]
    if others:
        best = max(others, key=lambda name: others[name]["accuracy"])
        theirs = others[best]["accuracy"]
        word = "more than" if theirs < low else "fewer than" if theirs > high else "about as many as"
        text += f" That is {word} the best simpler way ({_WAYS.get(best, best)}: {theirs:.0%})."
    else:
        text += " The simpler ways were not measured, because you stopped it."
    if n < _FEW:
        text += f" So few sentences say little: on others it may be anything from {low:.0%} to {high:.0%}."
    if outcome.stopped:
        text += " You stopped it early; this is its best state until then."
    return text


_WAYS = {"TF-IDF + logistic regression": "counting words", "largest class": "always the largest class"}


def _figures(outcome: Outcome) -> str:
    figures = outcome.figures

    def interval(low: float, high: float) -> str:
        return f"{100 * low:.0f}–{high:.0%}"

    rows = [
        ["your network", f"{figures['accuracy']:.1%}", interval(*figures["interval"]), f"{figures['macro_f1']:.1%}",
         interval(*outcome.macro_f1_interval)],
    ]  # fmt: skip
    for name, other in figures["baselines"].items():
        rows.append(
            [_WAYS.get(name, name), f"{other['accuracy']:.1%}", interval(*other["interval"]),
             f"{other['macro_f1']:.1%}", interval(*other["macro_f1_interval"])]
        )  # fmt: skip
    learned = f"Learned from {figures['trained_on']:,} sentences in {len(outcome.history)} epochs, {outcome.seconds:,.0f} seconds."
    return charts.table(["", "accuracy", "95 % interval", "macro-F1", "95 % interval"], rows) + (
        f"<p class='small'>Accuracy is the share that is right. Macro-F1 counts every label alike, however rare. "
        "The 95 % interval is where the figure likely lies for other sentences of the kind. "
        f"Counting words is TF-IDF with logistic regression, a linear model. "
        f"{escape(learned)}</p>"
    )


def _classes(outcome: Outcome) -> str:
    names = dict(outcome.labels)
    rows = [
        [_full(c["label"], names),
         f"{c['precision']:.0%}", f"{c['recall']:.0%}", f"{c['f1']:.0%}", f"{c['support']:,}"]
        for c in outcome.figures["classes"][:_CLASSES_SHOWN]
    ]  # fmt: skip
    return charts.table(["label", "precision", "recall", "F1", "sentences"], rows) + (
        "<p class='small'>Precision: how often it is right when it says this label. Recall: how many of the label's "
        "sentences it finds. F1: both in one number.</p>"
    )


def _mistakes(outcome: Outcome) -> str:
    if not outcome.mistakes:
        return "<p>It gets none of these sentences wrong.</p>"
    names = dict(outcome.labels)
    rows = "".join(
        f"<li><q>{escape(m['sentence'][:200])}</q> is {escape(_full(m['label'], names))}, read as {escape(_full(m['predicted'], names))} "
        f"({m['confidence']:.0%} sure)</li>"
        for m in outcome.mistakes
    )
    return f"<details open><summary>What it gets wrong, most confident first{escape(_first(outcome))}</summary><ul class='wrong'>{rows}</ul></details>"


def _first(outcome: Outcome) -> str:
    """How many of the mistakes are shown, where not all are."""
    figures = outcome.figures
    wrong = figures["n"] - round(figures["accuracy"] * figures["n"])
    return f" (the first {len(outcome.mistakes)} of {wrong:,})" if wrong > len(outcome.mistakes) else ""


def _full(label: str, names: Mapping[str, str]) -> str:
    """An emoji with its name; a word alone."""
    name = names.get(label, label)
    return f"{label} {name}" if name != label else label


def try_html(sentence: str, session: Session | None) -> str:
    """The first emoji of the visitor's model and of the everyday model for a sentence, side by side."""
    if not sentence.strip() or session is None or session.outcome is None:
        return ""
    try:
        mine = models.predictor(session.outcome.output)
        sides = {"yours": mine, "everyday": models.predictor("everyday")}
        shown = "".join(f"<div><h5>{name}</h5>{_answers(sentence, one)}</div>" for name, one in sides.items())
    except InputError:
        return charts.notice("This model is gone. Train it again.")
    return f"<div class='beside'>{shown}</div>"


def _answers(sentence: str, predictor: EmojiPredictor) -> str:
    reading = predictor.read(sentence, _TRIED, typing=True)
    if not any(token.known for token in reading.tokens):
        return "<p>No word here is known.</p>"
    rows = "".join(
        f"<li><span>{escape(p.emoji)}</span> {escape(p.name if p.name != p.emoji else '')} <b>{p.confidence:.0%}</b></li>"
        for p in reading.ranking
    )
    return f"<ol>{rows}</ol>" + ("" if reading.sure else "<p>not sure</p>")


def build(sessions: Sessions) -> tuple[gr.HTML, list[tuple[Any, Any]]]:
    """Builds the step inside the current Blocks; returns what shows the result, and what each component shows empty."""

    def attempt(sentence: str | None, request: gr.Request) -> str:
        text = sentence if isinstance(sentence, str) else ""
        return try_html(text[: limits.SENTENCE_CHARACTERS], sessions.find(request.session_hash))

    gr.HTML("<h3>3 · See how good it is</h3>", apply_default_css=False, padding=False)
    result = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-result")
    box = gr.Textbox(
        label="Try it beside the everyday model",
        placeholder="Type a sentence …",
        max_length=limits.SENTENCE_CHARACTERS,
        elem_id="retrain-try",
    )
    answers = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-tried")
    live: dict[str, Any] = {
        "queue": False, "trigger_mode": "always_last", "show_progress": "hidden", "api_visibility": "private",
    }  # fmt: skip
    gr.on([box.change, result.change], attempt, box, answers, **live)
    return result, [(result, ""), (box, ""), (answers, "")]
