"""The endpoint `/train` for programs: a CSV in, the progress and then the figures and the zipped folder out."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.job import Outcome
from emoji_model.trainer import Trainer, Waiting
from emoji_model.web import export
from emoji_model.web.gather import gather, take
from emoji_model.web.sessions import Sessions, safe_name
from emoji_model.web.train import NETWORKS, STARTS, options_of, train

_log = logging.getLogger(__name__)


def build(sessions: Sessions, trainer: Trainer) -> None:
    """Adds the endpoint to the current Blocks."""

    def api(
        file: str, network: str, beginning: str, passes: int, share: float, request: gr.Request
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Trains a network on a CSV of sentences and labels; gives its progress, and last its figures and folder.

        Labels that are words are shown as the emoji that the everyday model suggests for them, each under its word.

        Args:
            file: the CSV.
            network: bilstm, lstm, gru or simple_rnn.
            beginning: everyday or scratch.
            passes: epochs at most; 0 stops by itself.
            share: per cent of the sentences that are held out, from 5 to 50.
        """
        try:
            if not file:
                raise InputError("Give a CSV.")
            with sessions.of(request.session_hash).held() as session:
                kept = session.bring(safe_name(Path(file).name))
                take(Path(file), kept)
                gathered = gather(session, kept)
            chosen = options_of(network, beginning, passes, share)
            for status in train(session, trainer, chosen, dict(gathered.suggested)):
                if isinstance(status, Outcome):
                    figures = {name: value for name, value in status.figures.items() if name != "architectures"}
                    yield {"state": "done", **figures}, str(export.pack(session, status))
                elif isinstance(status, Waiting):
                    yield {"state": "waiting", "place": status.place}, None
                else:
                    yield {"state": "training", "epoch": len(status.history), "seconds": round(status.seconds, 1)}, None
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:  # noqa: BLE001 - the caller gets a sentence, the log the rest
            _log.exception("a training failed")
            raise gr.Error("Something went wrong here. Try again.", print_exception=False) from None

    file = gr.File(visible=False, type="filepath", label="CSV")
    options = [
        gr.Dropdown([*NETWORKS.values()], value="bilstm", visible=False, label="network"),
        gr.Dropdown([*STARTS.values()], value="everyday", visible=False, label="beginning"),
        gr.Number(0, visible=False, precision=0, label="passes"),
        gr.Number(15, visible=False, label="share"),
    ]
    figures, package = gr.JSON(visible=False, label="figures"), gr.File(visible=False, label="model folder, zipped")
    gr.Button(visible=False).click(
        api,
        [file, *options],
        [figures, package],
        api_name="train",
        concurrency_limit=limits.TRAINING_WAITING + 2,
        concurrency_id="train",
    )
