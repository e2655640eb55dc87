"""The process that trains, one adversarial property at a time: each runs against a real worker."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from emoji_model import InputError, trainer
from emoji_model.job import Job, Outcome
from emoji_model.options import TrainingOptions
from emoji_model.trainer import Trainer, Waiting, Working

LONG = TrainingOptions("lstm", "scratch", 60, baselines=False, units=64)
SHORT = TrainingOptions("gru", "scratch", 2, baselines=False, units=8, layers=1)
MakeJob = Callable[[TrainingOptions], Job]
WAIT = 120.0


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 2,000 sentences: an epoch takes seconds."""
    kinds = {
        "fed": "pizza soup bread cheese cake",
        "low": "tears grief sorrow pain loss",
        "mad": "anger rage fury hate war",
    }
    numbers = [f"{a} {b}" for a in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] for b in
               ["red", "green", "blue", "black", "white", "grey", "brown", "pink", "gold", "silver", "old", "new", "big", "small"]]  # fmt: skip
    rows = [
        f"{word} for {number},{kind}" for kind, words in kinds.items() for word in words.split() for number in numbers
    ]
    path = tmp_path_factory.mktemp("sentences") / "data.csv"
    path.write_text("text,mood\n" + "\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def make_job(sentences: Path, tmp_path: Path) -> MakeJob:
    def make(options: TrainingOptions) -> Job:
        return Job(str(sentences), str(tmp_path / "out"), options=options)

    return make


@pytest.fixture(scope="module")
def shared() -> Iterator[Trainer]:
    one = Trainer()
    one.warm()
    yield one
    one.close()


def outcome_of(statuses: Iterator[Waiting | Working | Outcome]) -> Outcome:
    *_, last = statuses
    assert isinstance(last, Outcome)
    return last


def until_epoch(statuses: Iterator[Waiting | Working | Outcome]) -> Working:
    """The first status that tells of a finished epoch."""
    deadline = time.monotonic() + WAIT
    for status in statuses:
        assert time.monotonic() < deadline
        if isinstance(status, Working) and status.history:
            return status
    raise AssertionError("no epoch was told")


def gone(process: int) -> bool:
    """Whether a process ends within some seconds."""
    try:
        return psutil.Process(process).wait(20) is not None or True
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False


def test_jobs_run_one_after_another_in_one_process(shared: Trainer, make_job: MakeJob) -> None:
    first = outcome_of(shared.train(make_job(SHORT), threading.Event()))
    process = shared.process
    second = outcome_of(shared.train(make_job(SHORT), threading.Event()))
    assert first.figures["accuracy"] == second.figures["accuracy"] > 0.5
    assert shared.process == process


def test_a_refused_job_does_not_end_the_process(shared: Trainer, make_job: MakeJob, tmp_path: Path) -> None:
    outcome_of(shared.train(make_job(SHORT), threading.Event()))
    process = shared.process
    (tmp_path / "bad.csv").write_text("text,mood\none pizza,fed\ntwo pizzas,fed\nthree pizzas,fed\n", encoding="utf-8")
    with pytest.raises(InputError, match="At least two"):
        list(shared.train(Job(str(tmp_path / "bad.csv"), str(tmp_path / "x")), threading.Event()))
    assert shared.process == process


def test_stop_keeps_the_best_state(shared: Trainer, make_job: MakeJob) -> None:
    stop = threading.Event()
    running = shared.train(make_job(LONG), stop)
    until_epoch(running)
    stop.set()
    outcome = outcome_of(running)
    assert outcome.stopped
    assert 1 <= len(outcome.history) < 60
    assert Path(outcome.output, "model.safetensors").is_file()


def test_the_second_in_the_queue_is_told_its_place_and_follows(shared: Trainer, make_job: MakeJob) -> None:
    stop = threading.Event()
    first = shared.train(make_job(LONG), stop)
    until_epoch(first)
    second = shared.train(make_job(SHORT), threading.Event())
    assert next(second) == Waiting(1)
    stop.set()
    outcome_of(first)
    assert outcome_of(second).history


def test_past_its_places_the_queue_refuses(make_job: MakeJob) -> None:
    small = Trainer(waiting=1)
    first = small.train(make_job(LONG), threading.Event())
    next(first)
    second = small.train(make_job(SHORT), threading.Event())
    assert next(second) == Waiting(1)
    with pytest.raises(InputError, match="2 trainings are running or waiting"):
        next(small.train(make_job(SHORT), threading.Event()))
    second.close()
    third = small.train(make_job(SHORT), threading.Event())
    assert next(third) == Waiting(1), "a place that is given up is free"
    third.close()
    first.close()
    small.close()


def test_a_job_taken_out_of_the_queue_trains_nothing(make_job: MakeJob) -> None:
    small = Trainer()
    first, stop = small.train(make_job(LONG), threading.Event()), threading.Event()
    next(first)
    second = small.train(make_job(SHORT), stop)
    next(second)
    stop.set()
    with pytest.raises(InputError, match="Taken out of the queue"):
        list(second)
    first.close()
    small.close()


def test_giving_up_ends_the_process_and_a_new_one_follows(shared: Trainer, make_job: MakeJob) -> None:
    running = shared.train(make_job(LONG), threading.Event())
    until_epoch(running)
    process = shared.process
    assert process
    running.close()
    assert gone(process)
    assert outcome_of(shared.train(make_job(SHORT), threading.Event())).history
    assert shared.process != process


def test_a_killed_process_is_told_and_replaced(shared: Trainer, make_job: MakeJob) -> None:
    running = shared.train(make_job(LONG), threading.Event())
    until_epoch(running)
    assert shared.process
    os.kill(shared.process, signal.SIGKILL)
    with pytest.raises(InputError, match=r"ended unexpectedly.*try again"):
        list(running)
    assert outcome_of(shared.train(make_job(SHORT), threading.Event())).history


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [("_seconds", 1, "longer than 1 seconds"), ("_memory", 50_000_000, r"more than 0\.1 GB of memory")],
)
def test_what_exceeds_a_limit_in_mid_training_is_ended_and_replaced(
    shared: Trainer, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, says: str
) -> None:
    running = shared.train(make_job(LONG), threading.Event())
    until_epoch(running)
    process = shared.process
    assert process
    with monkeypatch.context() as narrow:
        narrow.setattr(shared, limit, value)
        with pytest.raises(InputError, match=says):
            list(running)
    assert gone(process)
    assert outcome_of(shared.train(make_job(SHORT), threading.Event())).history


def test_a_new_process_that_needs_too_much_memory_is_ended(make_job: MakeJob) -> None:
    narrow = Trainer(memory=50_000_000)
    with pytest.raises(InputError, match=r"more than 0\.1 GB of memory"):
        list(narrow.train(make_job(LONG), threading.Event()))
    narrow.close()


def test_a_process_that_hangs_is_ended(shared: Trainer, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "STOP_SECONDS", 1)
    stop = threading.Event()
    running = shared.train(make_job(LONG), stop)
    until_epoch(running)
    process = shared.process
    assert process
    os.kill(process, signal.SIGSTOP)
    stop.set()
    with pytest.raises(InputError, match="does not answer"):
        list(running)
    assert gone(process)


def test_the_process_does_not_outlive_the_app(make_job: MakeJob) -> None:
    one = Trainer()
    running = one.train(make_job(LONG), threading.Event())
    until_epoch(running)
    process, worker = one.process, one._worker
    assert process
    assert worker
    assert worker.process.stdin
    worker.process.stdin.close()  # what happens to it when the app is gone, however that came
    assert gone(process)
    one.close()
