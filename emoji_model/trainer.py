"""Runs trainings one after another in a process of its own, within limits; importable without TensorFlow.

A `Trainer` keeps one `worker` process warm. A job that takes too long, takes too much memory, dies
or is given up ends that process and no other: a new one takes its place, and whoever waits goes on.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import psutil

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.job import Job, Outcome
from emoji_model.options import EpochProgress

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
TICK = 0.25
"""Seconds between two looks at a process that is training."""
STOP_SECONDS = 60
"""How long a process may take to measure and save after it was asked to stop."""
START_SECONDS = 120
"""How long a new process may take to be ready."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Others are being trained first: `place` 1 is next."""

    place: int


@dataclass(frozen=True, slots=True)
class Working:
    """The job is being trained.

    Attributes:
        history: one entry for each epoch that is done.
        seconds: since it is its turn.
        begun: whether the process has begun with it; a new process needs some seconds first.
        stopping: whether it was asked to stop.
        measuring: whether it has learned, and is measured.
    """

    history: tuple[EpochProgress, ...]
    seconds: float
    begun: bool
    stopping: bool
    measuring: bool = False


class Trainer:
    """A queue of jobs before one process that trains.

    Args:
        seconds: how long one job may take.
        memory: how many bytes of memory the process may use.
        waiting: how many jobs may wait.
    """

    def __init__(
        self,
        seconds: float = limits.TRAINING_SECONDS,
        memory: int = limits.TRAINING_BYTES,
        waiting: int = limits.TRAINING_WAITING,
    ) -> None:
        self._seconds, self._memory, self._most = seconds, memory, waiting + 1
        self._tickets: deque[object] = deque()
        self._lock = threading.Condition()
        self._worker: _Worker | None = None
        self._closed = False
        self._number = 0

    def warm(self) -> None:
        """Starts the process, if there is none, without waiting for it."""
        with self._lock:
            if not self._closed and (self._worker is None or not self._worker.alive):
                self._worker = _Worker()

    def close(self) -> None:
        """Ends the process for good."""
        with self._lock:
            self._closed = True
            if self._worker:
                self._worker.kill()
            self._lock.notify_all()

    @property
    def process(self) -> int | None:
        """The number of the running process, if there is one."""
        worker = self._worker
        return worker.process.pid if worker and worker.alive else None

    def train(self, job: Job, stop: threading.Event) -> Generator[Waiting | Working | Outcome]:
        """Trains `job` when it is its turn; tells several times a second how far it is, and in the end what came of it.

        Closing the iterator gives the job up at once.

        Args:
            job: what to train.
            stop: once set, training ends and the best state so far is what comes of it; a job that waits is dropped.

        Raises:
            InputError: where too many wait, the job is refused, stopped before there is anything to keep, takes too
                long or too much memory, or the process dies.
        """
        ticket = object()
        with self._lock:
            if len(self._tickets) >= self._most:
                raise InputError(
                    f"{len(self._tickets)} trainings are running or waiting, as many as can. Try again in a few minutes."
                )
            self._tickets.append(ticket)
        try:
            yield from self._wait(ticket, stop)
            self.warm()
            worker = self._worker
            if worker is None:
                raise InputError("The app is being shut down. Start again when it is back.")
            try:
                yield from self._run(worker, job, stop)
                worker.busy = False
            except _RefusedError as error:
                worker.busy = False
                raise InputError(str(error)) from None
            finally:
                if worker.busy or worker.memory > self._memory / 2:  # memory is not given back by itself
                    worker.kill()
        finally:
            with self._lock:
                self._tickets.remove(ticket)
                self._lock.notify_all()
            if self._worker is not None:
                self.warm()

    def _wait(self, ticket: object, stop: threading.Event) -> Iterator[Waiting]:
        while True:
            with self._lock:
                place = self._tickets.index(ticket)
                if place == 0:
                    return
            if stop.is_set():
                raise InputError("Taken out of the queue. Nothing was trained.")
            yield Waiting(place)
            with self._lock:
                self._lock.wait(2 * TICK)

    def _run(self, worker: "_Worker", job: Job, stop: threading.Event) -> Iterator[Working | Outcome]:
        begun = monotonic()
        self._number += 1
        number, asked, history = self._number, 0.0, list[EpochProgress]()
        sent = measuring = False
        while True:
            elapsed = monotonic() - begun
            if worker.ready and not sent:
                worker.busy = sent = True
                worker.order(kind="train", id=number, job=job.to_dict())
            if stop.is_set() and not asked:
                if not sent:
                    raise _RefusedError("Stopped before training began, so there is nothing to keep.")
                worker.order(kind="stop", id=number)
                asked = monotonic()
            told = worker.told(TICK)
            if told and told.get("id") == number:
                match told["kind"]:
                    case "epoch":
                        history.append(EpochProgress(**told["progress"]))
                    case "measuring":
                        measuring = True
                    case "done":
                        yield Outcome.from_dict(told["outcome"])
                        return
                    case "refused":
                        raise _RefusedError(told["message"])
                    case "failed":
                        raise InputError(
                            f"The training broke off, through no fault of yours ({told['message']}). {_NOTHING_LOST}"
                        )
            self._check(worker, elapsed, sent, 0.0 if measuring else asked)
            if not told or told["kind"] in ("epoch", "measuring"):
                yield Working(tuple(history), elapsed, sent, bool(asked), measuring)

    def _check(self, worker: "_Worker", elapsed: float, sent: bool, asked: float) -> None:
        """Whether a process that says nothing is still within its limits."""
        if not worker.alive and not worker.talks:
            raise InputError(f"The training process ended unexpectedly. {_NOTHING_LOST}")
        if elapsed > self._seconds:
            raise InputError(
                f"The training took longer than {self._seconds:,.0f} seconds, the limit. Use fewer sentences or epochs."
            )
        if worker.memory > self._memory:
            worker.busy = True
            raise InputError(
                f"The training needed more than {self._memory / 1e9:,.1f} GB of memory, the limit. Use fewer or "
                "shorter sentences."
            )
        if (asked and monotonic() - asked > STOP_SECONDS) or (not sent and elapsed > START_SECONDS):
            worker.busy = True  # it is of no use to anybody
            raise InputError(f"The training process does not answer. {_NOTHING_LOST}")


_NOTHING_LOST = "Your sentences are still here: press Train to try again."


class _RefusedError(InputError):
    """The job is at fault, not the process."""


class _Worker:
    """A `worker` process and a thread that reads what it tells."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emoji_model.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
            start_new_session=True,
        )
        self.ready = self.busy = self._killed = False
        self._told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                told = json.loads(line)
                if told["kind"] == "ready":
                    self.ready = True
                self._told.put(told)
        except ValueError:  # it was ended in the middle of a line
            _log.info("the training process broke off")
        finally:
            self.process.stdout.close()
            self.process.wait()

    @property
    def alive(self) -> bool:
        return not self._killed and self.process.poll() is None

    @property
    def talks(self) -> bool:
        """Whether something it told was not heard yet."""
        return not self._told.empty()

    @property
    def memory(self) -> int:
        """Bytes of memory it has in use; 0 once it is gone."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def told(self, seconds: float) -> dict[str, Any] | None:
        """The next thing it tells; `None` where it says nothing for that long."""
        try:
            return self._told.get(timeout=seconds)
        except Empty:
            return None

    def order(self, **what: Any) -> None:
        """Sends an order; a process that is gone is noticed elsewhere."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            _log.warning("the training process is gone")

    def kill(self) -> None:
        """Ends it at once, without waiting until it is gone."""
        self._killed = True
        self.process.kill()
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                _log.warning("the training process was gone already")
