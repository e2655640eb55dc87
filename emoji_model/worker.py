"""The process in which the page's trainings run: `python -m emoji_model.worker`.

It imports TensorFlow once, then takes one order a line on standard input and tells what happens,
one JSON object a line, on standard output. It ends when its standard input does, so it never
outlives the app. What it may use (time, memory) is watched from outside, by `trainer`.

Orders: `{"kind": "train", "id", "job"}`, `{"kind": "stop", "id"}`.
Told: `ready`, then for each job `started`, `epoch`, `measuring`, and one of `done`, `refused`, `failed`.
"""

import json
import os
import sys
import threading
import traceback
from dataclasses import asdict
from queue import Queue
from typing import Any

NICE = 10
"""How far it steps back behind the app, which answers people who type."""


class _Orders:
    """What comes in on standard input, read by a thread of its own."""

    def __init__(self) -> None:
        self.jobs: Queue[dict[str, Any]] = Queue()
        self.stopped: set[int] = set()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            order = json.loads(line)
            if order["kind"] == "stop":
                self.stopped.add(order["id"])
            else:
                self.jobs.put(order)
        os._exit(0)


def main() -> None:
    """Serves orders until standard input ends."""
    channel = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed does not get between the lines
    lock = threading.Lock()

    def tell(kind: str, **facts: Any) -> None:
        with lock:
            channel.write(json.dumps({"kind": kind, **facts}) + "\n")

    if hasattr(os, "nice"):
        os.nice(NICE)
    orders = _Orders()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from emoji_model import job as jobs
    from emoji_model import training  # now, so that the first job need not wait for TensorFlow
    from emoji_model.errors import InputError
    from emoji_model.glove import WordVectors

    vectors = WordVectors.open()
    tell("ready")
    while True:
        order = orders.jobs.get()
        number: int = order["id"]
        job = jobs.Job.from_dict(order["job"])
        try:
            material = jobs.read(job)
            tell("started", id=number, sentences=len(material.dataset))
            outcome = jobs.run(
                job,
                material,
                vectors,
                lambda _, progress, number=number: tell("epoch", id=number, progress=asdict(progress)),  # type: ignore[misc]
                lambda number=number: number in orders.stopped,  # type: ignore[misc]
                lambda number=number: tell("measuring", id=number),  # type: ignore[misc]
            )
            tell("done", id=number, outcome=outcome.to_dict())
        except InputError as error:
            tell("refused", id=number, message=str(error))
        except MemoryError:
            tell("failed", id=number, message="there was not enough memory")
        except Exception as error:  # noqa: BLE001 - the process goes on with the next job, and the page says so
            traceback.print_exc()
            tell("failed", id=number, message=type(error).__name__)
        training.forget()


if __name__ == "__main__":
    main()
