"""A bare Gradio page that echoes its box: what the framework alone costs. Run `python -m tests.benchmarks.echo PORT`."""

import sys

import gradio as gr


def echo(text: str) -> str:
    """Gives back what it is given."""
    return f"<p class='echo'>{len(text)}</p>"


def main() -> None:
    """Serves the page."""
    with gr.Blocks(analytics_enabled=False) as demo:
        box = gr.Textbox(elem_id="sentence", autofocus=True)
        shown = gr.HTML(elem_id="predictions")
        box.change(
            echo, box, shown, queue=False, trigger_mode="always_last", show_progress="hidden", api_visibility="private"
        )
        gr.api(echo, api_name="predict")
    demo.launch(server_port=int(sys.argv[1]), run_history=False, quiet=True)


if __name__ == "__main__":
    main()
