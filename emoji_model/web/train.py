"""The retrain tab's second step: train on what was brought, watch it learn, stop it."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Any

import gradio as gr
import pandas as pd

from emoji_model import limits
from emoji_model.dataset import read_csv
from emoji_model.errors import InputError
from emoji_model.job import Job, Outcome
from emoji_model.options import EpochProgress, TrainingOptions
from emoji_model.trainer import Trainer, Waiting, Working
from emoji_model.web import charts, export, gather, preview
from emoji_model.web.gather import chosen_emoji, take
from emoji_model.web.sessions import Session, Sessions, safe_name

NETWORKS = {
    "Bidirectional LSTM (reads both ways; the everyday network's own kind)": "bilstm",
    "LSTM": "lstm",
    "GRU (a smaller LSTM)": "gru",
    "Simple RNN (the oldest kind, forgets soon)": "simple_rnn",
}
STARTS = {
    "From the everyday network: it knows English already, so few sentences are enough (of it, the LSTM, GRU and simple "
    "RNN take what it knows of words alone)": "everyday",
    "From scratch: it knows what words have to do with each other (GloVe) and nothing else": "scratch",
}
EPOCHS = {"Until it no longer gets better": 0, "5": 5, "10": 10, "20": 20, "40": 40}
_log = logging.getLogger(__name__)
_SECONDS_BETWEEN = 0.5
_WRONG = "Something went wrong here, not with your sentences. They are kept: try again."


def train(
    session: Session, trainer: Trainer, options: TrainingOptions, emoji: dict[str, str]
) -> Iterator[Waiting | Working | Outcome]:
    """Trains on the sentences a session has brought, and keeps what comes of it for the session.

    Args:
        session: whose they are, with a CSV of its own to measure on if there is one.
        trainer: where it runs.
        options: see `TrainingOptions`.
        emoji: an emoji for some of the labels that are words.

    Raises:
        InputError: where there are no sentences, they train already, or the training fails; see `Trainer.train`.
    """
    gathered = session.begin_training()
    folder, kept = session.folder / "none", False
    try:
        folder = Path(mkdtemp(prefix="model ", dir=session.folder))
        job = Job(
            str(gathered.file),
            str(folder),
            str(session.test) if session.test else None,
            gathered.report.text_column,
            gathered.report.label_column,
            emoji,
            options,
            name=gathered.file.stem,
            rows=limits.TRAINING_ROWS,
        )
        for status in trainer.train(job, session.stop):
            if session.ended:
                return
            if isinstance(status, Outcome):
                session.outcome = status
                session.keep(status.name, folder)
                kept = True
            yield status
    except InputError as error:
        raise InputError(session.hide(str(error))) from None
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
        session.end_training()


def progress_html(status: Waiting | Working) -> str:
    """How far it is, in plain words and as a bar, escaped."""
    if isinstance(status, Waiting):
        return charts.notice(
            f"Others are training. You are number {status.place} in the queue; yours starts by itself.", "busy"
        )
    if status.stopping and not status.measuring:
        return _bar(0.0, f"Stopping … {status.seconds:.0f} s")
    if not status.history:
        what = "Reading your sentences and starting" if status.begun else "The training process is starting up"
        return _bar(0.0, f"{what} … {status.seconds:.0f} s")
    last = status.history[-1]
    if status.measuring:
        word = "Stopped" if status.stopping else "Learned"
        done = len(status.history)
        return _bar(
            1.0,
            f"{word} after {done} epoch{'s' if done > 1 else ''}. Measuring its best state … {status.seconds:.0f} s",
        )
    left = (last.epochs - last.epoch) * last.seconds / last.epoch
    line = f"Epoch {last.epoch} of at most {last.epochs} · held-out accuracy {last.held_out_accuracy:.0%}"
    line += f" · at most {_duration(left)} left" if last.epoch < last.epochs else ""
    return _bar(last.epoch / last.epochs, line)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _bar(share: float, line: str) -> str:
    return (
        f"<div class='progress' role='progressbar' aria-label='Training' aria-valuemin='0' aria-valuemax='100' "
        f"aria-valuenow='{100 * share:.0f}'><i style='width:{100 * share:.1f}%'></i></div><p>{escape(line)}</p>"
    )


def curves(history: Sequence[EpochProgress]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Loss and accuracy by epoch, of training and of held-out sentences, as `gr.LinePlot` takes them."""
    epochs = [progress.epoch for progress in history] * 2
    kinds = ["training"] * len(history) + ["held out"] * len(history)
    loss = [p.loss for p in history] + [p.held_out_loss for p in history]
    accuracy = [p.accuracy for p in history] + [p.held_out_accuracy for p in history]
    return (
        pd.DataFrame({"epoch": epochs, "loss": loss, "sentences": kinds}),
        pd.DataFrame({"epoch": epochs, "accuracy": accuracy, "sentences": kinds}),
    )


def options_of(architecture: Any, start: Any, epochs: Any, held_out: Any) -> TrainingOptions:
    """The options a visitor chose; what is none of the choices is refused when the job is read."""
    try:
        passes = int(epochs or 0) or None
        share = float(held_out or 15) / 100
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"Epochs and the held-out share must be numbers. Received: {epochs!r}, {held_out!r}."
        ) from None
    return TrainingOptions(str(architecture), str(start), passes, share)


@dataclass(frozen=True)
class Parts:
    """The last step's components, and what each component of these steps shows when there is nothing."""

    taken: export.Parts
    resets: Sequence[tuple[Any, Any]]


def build(sessions: Sessions, trainer: Trainer, gathered: gather.Parts) -> Parts:
    """Builds this step and those after it inside the current Blocks."""
    gr.HTML("<h3>2 · Train</h3>", apply_default_css=False, padding=False)
    with gr.Accordion("What can be changed (it works as it is)", open=False):
        architecture = gr.Radio(
            list(NETWORKS.items()), value="bilstm", label="Network", elem_id="retrain-network",
            info="How it reads a sentence, word by word. LSTM and GRU keep a memory; the simple RNN hardly does.",
        )  # fmt: skip
        start = gr.Radio(list(STARTS.items()), value="everyday", label="Where it begins", elem_id="retrain-begin")
        epochs = gr.Dropdown(
            list(EPOCHS.items()), value=0, label="Epochs", elem_id="retrain-epochs",
            info="How often it goes over all sentences. Too often, and it learns them by heart (overfitting): then the "
            "held-out curve gets worse while the training curve still gets better.",
        )  # fmt: skip
        held_out = gr.Slider(
            5, 50, 15, step=5, label="Held out, in percent", elem_id="retrain-held-out",
            info="Sentences it does not learn from, to measure how good it is on new ones, and to know when to stop.",
        )  # fmt: skip
        test = gr.File(
            label="Or a second CSV to test on", file_types=[".csv", ".tsv", ".txt"], type="filepath",
            height=110, elem_id="retrain-test",
        )  # fmt: skip
        tested = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-tested")
    with gr.Row():
        begin = gr.Button("Train", variant="primary", elem_id="retrain-start", min_width=120)
        end = gr.Button("Stop", interactive=False, elem_id="retrain-stop", min_width=120)
    progress = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-progress")
    plot: dict[str, Any] = {
        "x": "epoch", "color": "sentences", "height": 220, "visible": False, "buttons": [],
        "color_map": {"training": "#9ca3af", "held out": "#d97706"},
    }  # fmt: skip
    with gr.Row(elem_id="retrain-curves"):
        loss = gr.LinePlot(y="loss", title="Loss: how wrong it is (lower is better)", min_width=260, **plot)
        accuracy = gr.LinePlot(y="accuracy", title="Accuracy: share it gets right", min_width=260, **plot)
    with gr.Column(visible=False) as after:
        result, seen = preview.build(sessions)
        taken = export.build(sessions)

    # `gr.update`, for a component made here would be one more on the page
    seen_before = [*seen, *taken.resets, (loss, gr.update(visible=False)), (accuracy, gr.update(visible=False))]
    cleared = dict(seen_before) | {after: gr.update(visible=False)}
    idle = {begin: gr.update(interactive=True), end: gr.update(interactive=False)}
    busy = {begin: gr.update(interactive=False), end: gr.update(interactive=True)}

    def run(
        network: str, beginning: str, passes: int, share: float, rows: Sequence[Sequence[Any]], request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        try:
            session = sessions.of(request.session_hash)
            yield cleared | busy | {progress: _bar(0, "Starting …")}
            options = options_of(network, beginning, passes, share)
            drawn, shown_at = 0, 0.0
            for status in train(session, trainer, options, chosen_emoji(rows)):
                history = () if isinstance(status, Waiting) else status.history
                plots = dict(zip((loss, accuracy), _plots(history), strict=True)) if len(history) > drawn else {}
                if isinstance(status, Outcome):
                    done = {
                        progress: charts.notice(f"{status.name} is trained, in {_duration(status.seconds)}.", "done"),
                        result: preview.result_html(status),
                        after: gr.Column(visible=True),
                        taken.download: gr.DownloadButton(value=str(export.pack(session, status))),
                    }
                    yield idle | plots | done
                elif monotonic() - shown_at > _SECONDS_BETWEEN:
                    shown_at, drawn = monotonic(), len(history)
                    yield {progress: progress_html(status)} | plots
            if session.ended:
                yield idle | {progress: ""}
        except InputError as error:
            yield idle | {progress: charts.notice(str(error))}
        except Exception:  # noqa: BLE001 - whatever it was: the visitor gets a sentence, the log the rest
            _log.exception("a training failed")
            yield idle | {progress: charts.notice(_WRONG)}

    def take_test(path: str | None, request: gr.Request) -> str:
        try:
            if not path:
                session = sessions.find(request.session_hash)
                if session:
                    session.test = None
                return ""
            with sessions.of(request.session_hash).held() as session:
                take(Path(path), session.bring_test(safe_name(Path(path).name)))
                dataset, _ = read_csv(session.test or path)
                return charts.notice(f"It will be tested on {len(dataset):,} sentences of your second CSV.", "done")
        except InputError as error:
            return charts.notice(str(error))
        except Exception:  # noqa: BLE001 - the visitor gets a sentence, the log the rest
            _log.exception("a CSV to test on could not be taken")
            return charts.notice(_WRONG)

    def stop(request: gr.Request) -> Any:
        session = sessions.find(request.session_hash)
        if session is None or not session.training:
            return gr.skip()
        session.stop.set()
        return gr.Button(interactive=False)

    begin.click(
        run,
        [architecture, start, epochs, held_out, gathered.emoji],
        [progress, begin, end, taken.download, *cleared],
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=limits.TRAINING_WAITING + 2,
        concurrency_id="train",
    )
    gr.on(
        [test.upload, test.clear], take_test, test, tested, show_progress_on=tested, api_visibility="private",
        concurrency_limit=2, concurrency_id="gather",
    )  # fmt: skip
    end.click(stop, None, end, queue=False, show_progress="hidden", api_visibility="private")
    return Parts(taken, [*cleared.items(), *idle.items(), (progress, ""), (test, None), (tested, "")])


def _plots(history: Sequence[EpochProgress]) -> tuple[gr.LinePlot, gr.LinePlot]:
    loss, accuracy = curves(history)
    return gr.LinePlot(value=loss, visible=True), gr.LinePlot(value=accuracy, visible=True)
