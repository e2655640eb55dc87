"""The retrain tab: bring sentences, train, see how good it is, take it; one file a step, joined here."""

from typing import Any

import gradio as gr

from emoji_model.errors import InputError
from emoji_model.trainer import Trainer
from emoji_model.web import charts, export, gather, train, typing
from emoji_model.web.sessions import Session, Sessions

_INTRO = (
    "<p>Make a predictor of your own from sentences and labels: a spreadsheet saved as CSV is enough. It learns in "
    "seconds to minutes, and nobody else sees your sentences or your model.</p>"
)


def build(sessions: Sessions, trainer: Trainer, choice: gr.Radio, tabs: gr.Tabs) -> None:
    """Builds the tab inside the current Blocks.

    Args:
        sessions: all visitors' things.
        trainer: where trainings run.
        choice: the typing tab's choice of a model.
        tabs: the page's tabs.
    """
    gr.HTML(_INTRO, apply_default_css=False, padding=False)
    gathered = gather.build(sessions)
    after, taken = train.build(sessions, trainer, gathered)
    with gr.Accordion("Load a model from the Hugging Face Hub", open=False):
        repository = gr.Textbox(
            label="Repository", placeholder="user/name", max_length=200, elem_id="retrain-load-repository",
            info="A model folder that was published from here. Only its weights and settings are read, and checked first.",
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
        return _choices(session, shown), charts.notice(f"{shown} is loaded, and chosen in the typing tab.", "done")

    def clear(request: gr.Request) -> tuple[Any, ...]:
        sessions.end(request.session_hash)
        return (
            _choices(None, next(iter(typing.offered()))), charts.notice("Everything of yours is deleted.", "done"),
            "", gr.Column(visible=False), gr.Dataframe(visible=False), gr.File(value=None), "",
        )  # fmt: skip

    quiet: dict[str, Any] = {"api_visibility": "private"}
    taken.use.click(use, None, [choice, tabs, taken.message], queue=False, **quiet)
    fetch.click(load, repository, [choice, fetched], concurrency_limit=2, concurrency_id="hub", **quiet)
    delete.click(
        clear, None, [choice, deleted, gathered.report, after, gathered.emoji, gathered.file, taken.message], **quiet
    )


def _choices(session: Session | None, chosen: str) -> gr.Radio:
    return gr.Radio(choices=[*typing.offered(), *(session.models if session else ())], value=chosen, visible=True)
