"""Joins the tabs into one page and serves it."""

import atexit
import os
import threading
from typing import Any

import gradio as gr
from gradio import blocks

from emoji_model import limits
from emoji_model.trainer import Trainer
from emoji_model.web import retrain, typing
from emoji_model.web.sessions import Sessions

TITLE = "Emoji as you type"
_WARM_AFTER = 3.0  # seconds after which the first visitor has their page
_SYSTEM_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
_MONO_FONTS = ("ui-monospace", "Menlo", "monospace")
_HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
    # in a style sheet of its own, Gradio lets rules for phones reach no further than the page's inner column
    "<style>@media (max-width: 40rem) { footer .divider.divider { display: none; }"
    " .gradio-container .main.fillable.app { padding: 0.75rem !important; } }</style>"
)


def build(model: str | None = None, trainer: Trainer | None = None) -> gr.Blocks:
    """The whole page; what visitors bring is kept until this process ends, at most.

    Args:
        model: the model to begin with; the default one where not given.
        trainer: where trainings run.

    Raises:
        InputError: where that model cannot be loaded.
    """
    sessions, trainer = Sessions(), trainer or Trainer()
    atexit.register(sessions.close)
    atexit.register(trainer.close)
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        gr.HTML(
            f"<h1>{TITLE}</h1><p>A recurrent network reads your sentence word by word "
            "and suggests the emoji that fit. Nothing you type is kept.</p>",
            apply_default_css=False,
            padding=False,
            elem_id="title",
        )
        with gr.Tabs(selected="type") as tabs:
            with gr.Tab("Type", id="type"):
                box, choice = typing.build(sessions, model)
            with gr.Tab("Retrain", id="retrain", elem_id="retrain"):
                retrain.build(sessions, trainer, choice, tabs)
        demo.load(None, box, box, js=typing.FROM_LINK, api_visibility="private")

        def leave(request: gr.Request) -> None:
            sessions.end(request.session_hash)
            held = getattr(demo, "app", None)
            if held and request.session_hash in held.state_holder.session_data:
                del held.state_holder.session_data[request.session_hash]  # Gradio keeps what boxes held for an hour

        demo.unload(leave)
    demo.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    sessions.sweep_always()
    return demo


async def _refuse_address(url: str, cache_dir: str) -> str:
    """In the place of Gradio's download of any address that a call names: nothing here needs one, of whatever size."""
    raise gr.Error("Send the file itself, not its address.", print_exception=False)


def _theme() -> gr.themes.Base:
    """Gradio's soft theme with system fonts, and with text that keeps a contrast of 4.5 to 1."""
    theme = gr.themes.Soft(primary_hue="amber", secondary_hue="amber", font=[*_SYSTEM_FONTS], font_mono=[*_MONO_FONTS])
    return theme.set(
        body_text_color_subdued="#4b5563",
        body_text_color_subdued_dark="#a8b0bd",
        input_placeholder_color="#6b7280",
        input_placeholder_color_dark="#a8b0bd",
        block_title_background_fill="transparent",
        block_title_background_fill_dark="transparent",
        block_title_text_color="#4b5563",
        block_title_text_color_dark="#a8b0bd",
        block_label_text_color="#374151",
        block_title_padding="0",
        block_title_text_weight="500",
        checkbox_label_text_color_selected="#1f2937",
        checkbox_label_text_color_selected_dark="#1f2937",
        checkbox_label_background_fill_selected="*primary_400",
        checkbox_label_background_fill_selected_dark="*primary_400",
    )


def launch(
    demo: gr.Blocks,
    host: str | None = None,
    port: int | None = None,
    share: bool | None = None,
    trainer: Trainer | None = None,
) -> Any:
    """Serves the page until interrupted; Gradio's own environment variables fill what is not given.

    The process that trains is started once the page is up, unless `EMOJI_MODEL_WARM=0` leaves that to the first training.
    """
    blocks.processing_utils.async_ssrf_protected_download = _refuse_address
    if trainer and os.environ.get("EMOJI_MODEL_WARM") != "0":
        later = threading.Timer(_WARM_AFTER, trainer.warm)
        later.daemon = True
        later.start()
    return demo.launch(
        server_name=host,
        server_port=port,
        share=share,
        theme=_theme(),
        css_paths=[typing.ASSETS / "style.css"],
        head=_HEAD,
        footer_links=["api", "settings"],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        max_file_size=limits.CSV_BYTES + 1_000_000,  # a little over is still told in our words,
        strict_cors=True,
        quiet=False,
        show_error=False,
    )
