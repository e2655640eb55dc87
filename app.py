"""Serves the page: `python app.py [--host H] [--port P] [--share] [--model M]`."""

import argparse
import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from emoji_model.errors import InputError
from emoji_model.trainer import Trainer
from emoji_model.web import demo as page

demo = None
"""The page once it is built: Spaces look for it by this name when they reload."""


def main() -> int:
    """Parses the options, builds the page, serves it; 2 where the input is at fault."""
    global demo
    parser = argparse.ArgumentParser(description=page.TITLE)
    parser.add_argument("--host", help="address to serve on (default 127.0.0.1; 0.0.0.0 for the whole network)")
    parser.add_argument("--port", type=int, help="port to serve on (default 7860)")
    parser.add_argument("--share", action="store_true", default=None, help="also open a public link")
    parser.add_argument("--model", help="model to begin with: a shipped one, a model folder, or user/name on the Hub")
    try:
        options = parser.parse_args()
        if options.port is not None and not 1 <= options.port <= 65_535:
            raise InputError(f"--port must be a number from 1 to 65535. Received: {options.port}.")
        os.umask(0o077)  # what visitors bring is for nobody else on this machine
        trainer = Trainer()
        demo = page.build(options.model, trainer)
        page.launch(demo, options.host, options.port, options.share, trainer)
    except (InputError, OSError) as error:
        print(f"app.py: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
