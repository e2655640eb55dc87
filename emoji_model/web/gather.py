"""The retrain tab's first step: bring sentences, and see at once what was found in them."""

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from emoji_model import limits
from emoji_model.dataset import DataReport, Dataset, check_trainable, read_csv
from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.job import check_rows
from emoji_model.labels import canonical_emoji
from emoji_model.predictor import EmojiPredictor
from emoji_model.text import tokenize
from emoji_model.web import charts, models
from emoji_model.web.sessions import Gathered, Session, Sessions, safe_name
from emoji_model.web.typing import ASSETS

SAMPLES = {
    "Moods (words as labels)": "moods.csv",
    "A team's chat": "team-chat.csv",
    "A holiday": "trip.csv",
}
_SAMPLED = 2_000  # sentences whose words are counted, and
_ASKED = 24  # sentences of a class that the everyday model is asked about
_SUGGESTED = 60  # labels that get an emoji
_DROPPED_SHOWN = 20
_COLUMNS_SHOWN = 100
_TABLE_ROWS = 12
_HINT = (
    "<h3>1 · Bring sentences</h3><p>A CSV with one column of sentences and one of labels. A label is an emoji, a "
    ":shortcode: or a short word.</p>"
)


@dataclass(frozen=True)
class Parts:
    """The components other steps read from."""

    file: gr.File
    report: gr.HTML
    emoji: gr.Dataframe


def gather(session: Session, file: Path, text: int | None = None, label: int | None = None) -> Gathered:
    """Reads a visitor's sentences and keeps them for their session.

    Args:
        session: whose they are.
        file: a CSV in the session's folder.
        text: position of the sentences, from 0; found where not given.
        label: the same of the labels.

    Raises:
        InputError: where the file cannot be read as labelled sentences, or there are too many.
    """
    session.gathered = None
    dataset, report = read_csv(file, text, label, drop_duplicates=True)
    check_rows(report, limits.TRAINING_ROWS)
    everyday = models.predictor("everyday")
    gathered = Gathered(file, report, {}, known_share(dataset, everyday.vectors))
    session.gathered = gathered
    check_trainable(dataset)
    session.gathered = replace(gathered, suggested=suggested_emoji(dataset, everyday))
    return session.gathered


def known_share(dataset: Dataset, vectors: WordVectors) -> float:
    """The share of the words of up to 2,000 of the sentences that have a word vector; 0 where there are none."""
    some = dataset.sentences[:: max(1, len(dataset) // _SAMPLED)][:_SAMPLED]
    known = [token.known for sentence in some for token in tokenize(sentence, vectors)]
    return sum(known) / len(known) if known else 0.0


def suggested_emoji(dataset: Dataset, predictor: EmojiPredictor) -> dict[str, str]:
    """An emoji for each label that is a word: what the model thinks of the word and of the sentences it stands at.

    The 60 most frequent labels get one. Labels with more sentences choose first; no emoji is suggested twice, nor one that is a label already.
    """
    texts = [label.text for label in dataset.firsts]
    counts = Counter(texts)
    words = [text for text, _ in counts.most_common(_SUGGESTED) if not canonical_emoji(text)]
    if not words:
        return {}
    examples: dict[str, list[str]] = {word: [] for word in words}
    for sentence, text in zip(dataset.sentences, texts, strict=True):
        if len(examples.get(text, [""] * _ASKED)) < _ASKED:
            examples[text].append(sentence)
    taken = {text for text in counts if canonical_emoji(text)}
    names = [label.emoji for label in predictor.labels]
    found = {}
    for word, sentences in examples.items():
        chances = predictor.probabilities([word, *sentences])
        known = any(token.known for token in predictor.tokenize(word))
        score = chances[1:].mean(axis=0) + (chances[0] if known else 0)
        best = next((names[i] for i in np.argsort(-score, kind="stable") if names[i] not in taken), None)
        if best:
            found[word] = best
            taken.add(best)
    return found


def report_html(gathered: Gathered, problem: str = "") -> str:
    """What was found in a file, in plain words, escaped; `problem` says why it cannot be trained on as it is."""
    report = gathered.report
    columns = [escape(report.columns[at][:60]) for at in (report.text_column, report.label_column)]
    facts = [
        f"<b>{report.rows_used:,}</b> of {report.rows_read:,} rows are used",
        f"<b>{len(report.class_counts):,}</b> labels",
        f"sentences in <b>{columns[0]}</b>, labels in <b>{columns[1]}</b>",
        f"GloVe knows <b>{gathered.known_share:.0%}</b> of the words",
    ]
    heading = f"<h4>{escape(gathered.file.name)}</h4><ul class='facts'>{''.join(f'<li>{f}</li>' for f in facts)}</ul>"
    warnings = [*report.warnings, *_own_warnings(gathered)]
    notes = "".join(charts.notice(text, "warning") for text in warnings)
    return (
        heading
        + (charts.notice(problem) if problem else "")
        + notes
        + charts.bars(report.class_counts, "Sentences of each label")
        + _dropped_html(report)
    )


def _own_warnings(gathered: Gathered) -> list[str]:
    if gathered.known_share < 0.5:
        return ["GloVe knows few of these words. It is English only: other languages cannot be learned from it."]
    return []


def _dropped_html(report: DataReport) -> str:
    if not report.dropped:
        return ""
    rows = "".join(f"<li>line {row.line:,}: {escape(row.reason)}</li>" for row in report.dropped[:_DROPPED_SHOWN])
    rest = len(report.dropped) - _DROPPED_SHOWN
    more = f"<li>and {rest:,} more</li>" if rest > 0 else ""
    return f"<details><summary>{len(report.dropped):,} rows are not used</summary><ul>{rows}{more}</ul></details>"


def chosen_emoji(rows: Sequence[Sequence[Any]] | None) -> dict[str, str]:
    """The emoji that the table of labels gives for each; a label without one stays a word."""
    pairs = [(str(row[0]), str(row[1] or "").strip()) for row in rows or [] if len(row) > 1 and row[0]]
    return {label: emoji for label, emoji in pairs if emoji and emoji != "nan"}


def write_rows(rows: Sequence[Sequence[Any]], file: Path) -> None:
    """Writes the rows of the page's table that hold anything as a CSV.

    Raises:
        InputError: where there are none.
    """
    filled = [[str(cell or "").strip() for cell in row[:2]] for row in rows]
    filled = [row for row in filled if any(row)]
    if not filled:
        raise InputError("The table is empty. Write a sentence and its label into each row.")
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["sentence", "label"], *filled])


def _shown(gathered: Gathered, problem: str = "") -> tuple[Any, ...]:
    report = gathered.report
    shown = {*range(min(_COLUMNS_SHOWN, len(report.columns))), report.text_column, report.label_column}
    choices = [(report.columns[at][:60], at) for at in sorted(shown)]
    words = [[label, emoji] for label, emoji in gathered.suggested.items()]
    several = len(report.columns) > 2
    return (
        report_html(gathered, problem),
        gr.Dropdown(choices=choices, value=report.text_column, visible=several),
        gr.Dropdown(choices=choices, value=report.label_column, visible=several),
        gr.Dataframe(value=words or [["", ""]], visible=bool(words)),
    )


def _refused(problem: str) -> tuple[Any, ...]:
    return charts.notice(problem), gr.Dropdown(visible=False), gr.Dropdown(visible=False), gr.Dataframe(visible=False)


def build(sessions: Sessions) -> Parts:
    """Builds the step inside the current Blocks."""

    def show(session: Session, file: Path, text: int | None = None, label: int | None = None) -> tuple[Any, ...]:
        try:
            return _shown(gather(session, file, text, label))
        except InputError as error:
            # what was read stays on the page, so that another column can be chosen
            return _shown(session.gathered, str(error)) if session.gathered else _refused(str(error))

    def upload(path: str | None, request: gr.Request) -> tuple[Any, ...]:
        try:
            session = sessions.of(request.session_hash)
            if not path:
                session.make_room()
                return ("", *_refused("")[1:])
            session.make_room()
            kept = session.folder / safe_name(Path(path).name)
            session.outside.append(Path(path))
            if Path(path).stat().st_size > limits.CSV_BYTES:
                raise InputError(
                    f"{kept.name} has {Path(path).stat().st_size:,} bytes, over the limit of {limits.CSV_BYTES:,}. Split it."
                )
            shutil.copyfile(path, kept)
        except (InputError, OSError) as error:
            return _refused(str(error) if isinstance(error, InputError) else "The file did not arrive. Send it again.")
        return show(session, kept)

    def sample(name: str) -> Callable[[gr.Request], tuple[Any, ...]]:
        def take(request: gr.Request) -> tuple[Any, ...]:
            try:
                session = sessions.of(request.session_hash)
            except InputError as error:
                return _refused(str(error))
            session.make_room()
            kept = session.folder / SAMPLES[name]
            shutil.copyfile(ASSETS / "samples" / SAMPLES[name], kept)
            return show(session, kept)

        return take

    def rows(cells: Sequence[Sequence[Any]], request: gr.Request) -> tuple[Any, ...]:
        try:
            session = sessions.of(request.session_hash)
            session.make_room()
            kept = session.folder / "my sentences.csv"
            write_rows(cells, kept)
        except InputError as error:
            return _refused(str(error))
        return show(session, kept)

    def columns(text: int | None, label: int | None, request: gr.Request) -> tuple[Any, ...]:
        session = sessions.find(request.session_hash)
        if session is None or session.gathered is None:
            return _refused("Bring sentences first: upload a CSV or take a sample.")
        gathered = session.gathered
        try:
            return _shown(gather(session, gathered.file, text, label))
        except InputError as error:
            session.gathered = session.gathered or gathered
            return _shown(session.gathered, str(error))

    gr.HTML(_HINT, apply_default_css=False, padding=False)
    file = gr.File(
        label="Your CSV",
        file_types=[".csv", ".tsv", ".txt"],
        type="filepath",
        height=140,
        elem_id="retrain-file",
    )
    with gr.Row(elem_id="samples"):
        gr.HTML("Or take a sample:", apply_default_css=False, padding=False, container=False, elem_classes="hint")
        buttons = {name: gr.Button(name, size="sm", min_width=0) for name in SAMPLES}
    with gr.Accordion("Or write them here", open=False):
        cells = gr.Dataframe(
            value=[["", ""]] * _TABLE_ROWS,
            headers=["sentence", "label"],
            datatype="str",
            type="array",
            column_count=2,
            interactive=True,
            label="A sentence and its label in each row; at least two sentences of a label",
            max_height=300,
            wrap=True,
            elem_id="retrain-table",
        )
        use_rows = gr.Button("Use these rows", size="sm", elem_id="retrain-use-rows")
    report = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-report")
    with gr.Row():
        text = gr.Dropdown(label="Column with sentences", visible=False, elem_id="retrain-text-column", min_width=140)
        label = gr.Dropdown(label="Column with labels", visible=False, elem_id="retrain-label-column", min_width=140)
    emoji = gr.Dataframe(
        value=[["", ""]],
        headers=["label", "emoji"],
        datatype="str",
        type="array",
        column_count=2,
        static_columns=[0],
        interactive=True,
        visible=False,
        max_height=260,
        label="An emoji for each label that is a word; change it, or leave it empty to keep the word",
        elem_id="retrain-emoji",
    )
    outputs = [report, text, label, emoji]
    quiet: Mapping[str, Any] = {"api_visibility": "private", "concurrency_limit": 2, "concurrency_id": "gather"}
    gr.on([file.upload, file.clear], upload, file, outputs, show_progress_on=report, **quiet)
    for name, button in buttons.items():
        button.click(sample(name), None, outputs, show_progress_on=report, **quiet)
    use_rows.click(rows, cells, outputs, show_progress_on=report, **quiet)
    gr.on([text.input, label.input], columns, [text, label], outputs, show_progress_on=report, **quiet)
    return Parts(file, report, emoji)
