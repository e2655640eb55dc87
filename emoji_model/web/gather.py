"""The retrain tab's first step: bring sentences, and see at once what was found in them."""

import csv
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from emoji_model import limits
from emoji_model.dataset import check_trainable, read_csv
from emoji_model.errors import InputError
from emoji_model.job import check_rows
from emoji_model.labels import canonical_emoji
from emoji_model.table import read_table
from emoji_model.web import charts, models
from emoji_model.web.report import dropped_html, known_share, report_html, suggested_emoji
from emoji_model.web.sessions import Gathered, Session, Sessions, safe_name
from emoji_model.web.typing import ASSETS

_log = logging.getLogger(__name__)
SAMPLES = {
    "Moods (words as labels)": "moods.csv",
    "A team's chat": "team-chat.csv",
    "A holiday": "trip.csv",
}
_COLUMNS_SHOWN = 100
_TABLE_ROWS = 5_000
_HINT = (
    "<h3>1 · Bring sentences</h3><p>A CSV with a sentence and a label in each row. A label is an emoji or a short word "
    "(from a spreadsheet: “Save as”, CSV):</p><pre>we finally won the cup,🏆\nso tired of all this,😴</pre>"
)
_ROWS = (
    ("we finally won the cup", "🏆"), ("gold medal around my neck", "🏆"), ("first place, can you believe it", "🏆"),
    ("champions again this year", "🏆"), ("so tired of all this", "😴"), ("going to bed early tonight", "😴"),
    ("could not keep my eyes open", "😴"), ("need a nap right now", "😴"), ("", ""), ("", ""), ("", ""), ("", ""),
)  # fmt: skip
_WRONG = "Something went wrong here, not with your sentences. Try again."


@dataclass(frozen=True)
class Parts:
    """The component other steps read from, and what each component shows when there is nothing.

    Attributes:
        emoji: the table of emoji for labels that are words.
        resets: pairs of a component and its empty value.
    """

    emoji: gr.Dataframe
    resets: Sequence[tuple[Any, Any]]


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
    gathered = Gathered(
        file, replace(report, dropped=()), {}, known_share(dataset, everyday.vectors), dropped_html(report)
    )
    session.gathered = gathered
    check_trainable(dataset)
    session.gathered = replace(gathered, suggested=suggested_emoji(dataset, everyday))
    return session.gathered


def chosen_emoji(rows: Sequence[Sequence[Any]] | None) -> dict[str, str]:
    """The emoji that the table of labels gives for each; a label without one stays a word."""
    pairs = [(str(row[0]), str(row[1] or "").strip()) for row in rows or [] if len(row) > 1 and row[0]]
    return {label: emoji for label, emoji in pairs if emoji and emoji != "nan"}


def write_rows(rows: Sequence[Sequence[Any]], file: Path) -> None:
    """Writes the rows of the page's table that hold anything as a CSV, 5,000 of them at most.

    Raises:
        InputError: where there are none.
    """
    filled = [[str(cell or "").strip() for cell in row[:2]] for row in list(rows)[:_TABLE_ROWS]]
    filled = [row for row in filled if any(row)]
    if not filled:
        raise InputError("The table is empty. Write a sentence and its label into each row.")
    with file.open("w", encoding="utf-8", errors="replace", newline="") as out:
        csv.writer(out).writerows([["sentence", "label"], *filled])


def other_column(text: int | None, label: int | None, before: Gathered | None) -> tuple[int | None, int | None]:
    """The columns that are meant where somebody chose the same one for both: the other one takes the place left."""
    if text is not None and text == label and before is not None:
        if text != before.report.text_column:
            return text, before.report.text_column
        return before.report.label_column, label
    return text, label


def take(upload: Path, place: Path) -> None:
    """Moves what was uploaded to its place in a session.

    Raises:
        InputError: where it is too large, or gone.
    """
    try:
        size = upload.stat().st_size
        if size > limits.CSV_BYTES:
            upload.unlink()
            raise InputError(f"{place.name} has {size:,} bytes, over the limit of {limits.CSV_BYTES:,}. Split it.")
        shutil.move(upload, place)
    except FileNotFoundError:
        raise InputError("The file did not arrive. Send it again.") from None


def _shown(gathered: Gathered, problem: str = "") -> tuple[Any, ...]:
    report = gathered.report
    labels = [] if problem else [*report.class_counts]
    words = [[text, gathered.suggested.get(text, "")] for text in labels if not canonical_emoji(text)]
    return (
        report_html(gathered, problem),
        *_columns(report.columns, report.text_column, report.label_column),
        gr.Dataframe(value=words or [["", ""]], visible=bool(words)),
    )


def _columns(names: Sequence[str], text: int | None, label: int | None) -> tuple[gr.Dropdown, gr.Dropdown]:
    at = sorted({*range(min(_COLUMNS_SHOWN, len(names))), *(place for place in (text, label) if place is not None)})
    choices = [(names[place][:60], place) for place in at]
    return (
        gr.Dropdown(choices=choices, value=text, visible=True),
        gr.Dropdown(choices=choices, value=label, visible=True),
    )


def _refused(problem: str, names: Sequence[str] = ()) -> tuple[Any, ...]:
    hidden = gr.Dropdown(visible=False), gr.Dropdown(visible=False)
    return charts.notice(problem), *(_columns(names, None, None) if names else hidden), gr.Dataframe(visible=False)


def _show(session: Session, text: int | None = None, label: int | None = None) -> tuple[Any, ...]:
    """Reads the file of a session and gives what the page shows of it, also where it cannot be used."""
    file = session.file
    if file is None:
        return _refused("Bring sentences first: upload a CSV, take a sample, or write some.")
    try:
        return _shown(gather(session, file, text, label))
    except InputError as error:
        # what was read stays on the page, so that another column can be chosen
        if session.gathered:
            return _shown(session.gathered, str(error))
        try:
            return _refused(str(error), read_table(file).columns)
        except InputError:
            return _refused(str(error))


def build(sessions: Sessions) -> Parts:
    """Builds the step inside the current Blocks."""

    def told(act: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What an act gives; where it fails, a sentence."""
        try:
            return act()
        except InputError as error:
            return _refused(str(error))
        except Exception:  # noqa: BLE001 - the visitor gets a sentence, the log the rest
            _log.exception("sentences could not be taken")
            return _refused(_WRONG)

    def upload(path: str | None, request: gr.Request) -> tuple[Any, ...]:
        def act() -> tuple[Any, ...]:
            if not path:
                session = sessions.find(request.session_hash)
                if session:
                    session.file = session.gathered = None
                return ("", *_refused("")[1:])
            with sessions.of(request.session_hash).held() as session:
                take(Path(path), session.bring(safe_name(Path(path).name)))
                return _show(session)

        return told(act)

    def sample(name: str) -> Callable[[gr.Request], tuple[Any, ...]]:
        def choose(request: gr.Request) -> tuple[Any, ...]:
            def act() -> tuple[Any, ...]:
                with sessions.of(request.session_hash).held() as session:
                    shutil.copyfile(ASSETS / "samples" / SAMPLES[name], session.bring(SAMPLES[name]))
                    return _show(session)

            return (*told(act), None)

        return choose

    def rows(cells: Sequence[Sequence[Any]], request: gr.Request) -> tuple[Any, ...]:
        def act() -> tuple[Any, ...]:
            with sessions.of(request.session_hash).held() as session:
                write_rows(cells, session.bring("my sentences.csv"))
                return _show(session)

        return (*told(act), None)

    def columns(text: int | None, label: int | None, request: gr.Request) -> tuple[Any, ...]:
        def act() -> tuple[Any, ...]:
            session = sessions.find(request.session_hash)
            if session is None or session.file is None:
                raise InputError(
                    "Your sentences are gone: they are deleted after an hour without use. Bring them again."
                )
            return _show(session, *other_column(text, label, session.gathered))

        return told(act)

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
            value=[[*row] for row in _ROWS],
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
        label="An emoji for each label that is a word. Change it (paste one, or write :tada:), or clear it to keep the word.",
        elem_id="retrain-emoji",
    )
    outputs = [report, text, label, emoji]
    quiet: Mapping[str, Any] = {"api_visibility": "private", "concurrency_limit": 2, "concurrency_id": "gather"}
    gr.on([file.upload, file.clear], upload, file, outputs, show_progress_on=report, **quiet)
    for name, button in buttons.items():
        button.click(sample(name), None, [*outputs, file], show_progress_on=report, **quiet)
    use_rows.click(rows, cells, [*outputs, file], show_progress_on=report, **quiet)
    gr.on([text.input, label.input], columns, [text, label], outputs, show_progress_on=report, **quiet)
    empty = [["", ""]]
    resets = [(file, None), (report, ""), (text, gr.update(visible=False)), (label, gr.update(visible=False)),
              (emoji, gr.update(value=empty, visible=False)), (cells, [[*row] for row in _ROWS])]  # fmt: skip
    return Parts(emoji, resets)
