"""The retrain tab: bring sentences, train, see how good it is, take it; one file a step, joined here."""

import logging
from typing import Any

import gradio as gr

from emoji_model.errors import InputError
from emoji_model.trainer import Trainer
from emoji_model.web import api, charts, export, gather, train, typing
from emoji_model.web.sessions import Session, Sessions

_INTRO = (
    "<p>Make a predictor of your own from sentences and labels. It learns in seconds to minutes. Nobody else sees your "
    "sentences or your model, and they are deleted when you close or reload this page, or after an hour without use.</p>"
)
_log = logging.getLogger(__name__)


def build(sessions: Sessions, trainer: Trainer, choice: gr.Radio, tabs: gr.Tabs) -> None:
    """Builds the tab inside the current Blocks.

    Args:
        sessions: all visitors' things.
        trainer: where trainings run.
        choice: the typing tab's choice of a model.
        tabs: the page's tabs.
    """
    gr.HTML(_INTRO, apply_default_css=False, padding=False)
    export.build_sign_in()
    gathered = gather.build(sessions)
    trained = train.build(sessions, trainer, gathered)
    api.build(sessions, trainer)
    taken = trained.taken
    with gr.Accordion("Load a model from the Hugging Face Hub", open=False):
        repository = gr.Textbox(
            label="Its name there", placeholder="user/name", max_length=200, elem_id="retrain-load-repository",
            info="One that was published from here. Only its numbers and settings are read, and checked first.",
        )  # fmt: skip
        fetch = gr.Button("Load it", elem_id="retrain-load")
        fetched = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-loaded")
    delete = gr.Button("Delete my sentences and models now", variant="stop", size="sm", elem_id="retrain-delete")
    deleted = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-deleted")

    def use(request: gr.Request) -> tuple[Any, ...]:
        session = sessions.find(request.session_hash)
        if session is None or session.outcome is None or not session.models:
            return gr.skip(), gr.skip(), charts.notice("There is no model of yours. Train one first.")
        newest = [name for name, folder in session.models.items() if str(folder) == session.outcome.output]
        if not newest:
            return gr.skip(), gr.skip(), charts.notice("That model was deleted. Train it again.")
        return _choices(session, newest[0]), gr.Tabs(selected="type"), ""

    def load(name: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            session = sessions.of(request.session_hash)
            shown = export.load(session, name)
        except InputError as error:
            return gr.skip(), charts.notice(str(error))
        except Exception:  # noqa: BLE001 - the visitor gets a sentence, the log the rest
            _log.exception("a model could not be loaded")
            return gr.skip(), charts.notice("Something went wrong here. Try again.")
        return _choices(session, shown), charts.notice(f"{shown} is loaded, and chosen in the typing tab.", "done")

    resets = {**dict(gathered.resets), **dict(trained.resets), fetched: ""}

    def clear(request: gr.Request) -> dict[Any, Any]:
        sessions.end(request.session_hash)
        gone = {deleted: charts.notice("Everything of yours is deleted.", "done")}
        return resets | gone | {choice: _choices(None, next(iter(typing.offered())))}

    quiet: dict[str, Any] = {"api_visibility": "private"}
    taken.use.click(use, None, [choice, tabs, taken.message], queue=False, **quiet)
    fetch.click(load, repository, [choice, fetched], concurrency_limit=2, concurrency_id="hub", **quiet)
    delete.click(clear, None, [choice, deleted, *resets], **quiet)


def _choices(session: Session | None, chosen: str) -> gr.Radio:
    return gr.Radio(choices=[*typing.offered(), *(session.models if session else ())], value=chosen, visible=True)
