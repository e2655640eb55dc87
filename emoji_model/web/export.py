"""The retrain tab's last step: use the model here, take it home, publish it, fetch another, delete everything."""

import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from emoji_model import hub, limits
from emoji_model.errors import InputError
from emoji_model.job import Outcome
from emoji_model.persistence import CARD, CONFIG, KERAS, READ, WEIGHTS
from emoji_model.web import charts, models
from emoji_model.web.sessions import Session, Sessions

_FILES = (CARD, CONFIG, WEIGHTS, KERAS)
_NO_MODEL = "There is no model of yours yet. Train one first."


@dataclass(frozen=True)
class Parts:
    """The components that other tabs and steps are joined to."""

    use: gr.Button
    download: gr.DownloadButton
    message: gr.HTML
    resets: Sequence[tuple[Any, Any]]


def pack(session: Session, outcome: Outcome) -> Path:
    """The model folder of an outcome as a zip, where Gradio serves files from; deleted with the session."""
    folder = Path(outcome.output)
    package = session.folder / f"{outcome.name}.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in _FILES:
            archive.write(folder / name, f"{outcome.name}/{name}")
    served = Path(save_file_to_cache(package, get_upload_folder()))
    package.unlink()
    session.offer(served)
    return served


def publish(session: Session | None, repository: str, private: bool, token: str | None) -> str:
    """Uploads the last model to a new repository of the visitor's own on the Hub; returns its address.

    Raises:
        InputError: where there is no model or no token, the name is none, or the Hub refuses.
    """
    if session is None or session.outcome is None:
        raise InputError(_NO_MODEL)
    if not Path(session.outcome.output).is_dir():
        raise InputError("That model was deleted. Train it again.")
    name = (repository or "").strip()
    if not re.fullmatch(r"([\w.\-]{1,96}/)?[A-Za-z0-9][\w.\-]{0,95}", name):
        raise InputError(
            f"Name the repository as user/name, of letters, digits and - . _ only. Received: {name[:100]!r}."
        )
    if not token:
        raise InputError("Publishing needs leave to write to your account: sign in, or give a token with write access.")
    return hub.publish(name, session.outcome.output, _FILES, private, token)


def load(session: Session, repository: str) -> str:
    """Fetches a model folder from the Hub, checks it, and makes it one of the session's models; returns its name.

    Raises:
        InputError: where there is none of that name, or it is no model of this project.
    """
    folder = Path(mkdtemp(prefix="hub ", dir=session.folder))
    name = (repository or "").strip()
    try:
        hub.download(name, READ, folder)
        numbers = sum(array.size for array in models.predictor(str(folder)).model.network.weights.values())
        if numbers > limits.HUB_WEIGHTS:
            raise InputError(
                f"it has {numbers:,} weights, over the limit of {limits.HUB_WEIGHTS:,} for models from the Hub."
            )
        if session.ended:
            raise InputError("your session is over.")
    except BaseException as error:
        models.forget(str(folder))
        shutil.rmtree(session.folder if session.ended else folder, ignore_errors=True)
        if isinstance(error, InputError):
            raise InputError(f"{name[:100]} cannot be used: {session.hide(str(error))}") from None
        raise
    return session.keep(name.rpartition("/")[2], folder)


def build_sign_in() -> None:
    """On Spaces, a button to sign in with: at the top, because signing in reloads the page and so begins anew."""
    if os.environ.get("OAUTH_CLIENT_ID"):
        gr.HTML(
            "<p class='small'>To publish your model later, sign in first: it reloads the page.</p>",
            apply_default_css=False,
            padding=False,
        )
        gr.LoginButton(size="sm")


def build(sessions: Sessions) -> Parts:
    """Builds the step inside the current Blocks."""
    gr.HTML("<h3>4 · Take it</h3>", apply_default_css=False, padding=False)
    with gr.Row():
        use = gr.Button("Use it in the typing tab", variant="primary", elem_id="retrain-use", min_width=140)
        package = gr.DownloadButton("Download it (zip)", elem_id="retrain-download", min_width=140)
    message = gr.HTML("", apply_default_css=False, padding=False, elem_id="retrain-message")
    resets: list[tuple[Any, Any]] = [(message, "")]
    with gr.Accordion("Publish it on the Hugging Face Hub, a public home of models", open=False):
        repository = gr.Textbox(
            label="Name there", placeholder="your-name/my-emoji", max_length=200, elem_id="retrain-repository"
        )
        private = gr.Checkbox(label="Only I can see it", value=True)
        button = gr.Button("Publish", elem_id="retrain-publish")
        quiet: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 2, "concurrency_id": "hub"}
        if os.environ.get("OAUTH_CLIENT_ID"):

            def signed_in(name: str, hidden: bool, request: gr.Request, leave: gr.OAuthToken | None) -> str:
                return _published(sessions.find(request.session_hash), name, hidden, leave.token if leave else None)

            button.click(signed_in, [repository, private], message, **quiet)
        else:
            token = gr.Textbox(
                label="Token with write access", type="password", max_length=200, elem_id="retrain-token",
                info="From huggingface.co/settings/tokens. It is used once and not kept.",
            )  # fmt: skip
            resets.append((token, ""))

            def with_token(name: str, hidden: bool, secret: str, request: gr.Request) -> tuple[str, str]:
                # the token is taken out of the box whatever came of it: Gradio keeps what boxes hold
                return _published(sessions.find(request.session_hash), name, hidden, (secret or "").strip()), ""

            button.click(with_token, [repository, private, token], [message, token], **quiet)
    return Parts(use, package, message, resets)


def _published(session: Session | None, name: str, private: bool, token: str | None) -> str:
    try:
        address = escape(publish(session, name, bool(private), token))
    except InputError as error:
        return charts.notice(str(error))
    link = f"<a href='{address}' target='_blank' rel='noopener'>{address}</a>"
    return f"<p class='done' role='status'>Published: {link}</p>"
