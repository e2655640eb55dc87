"""One training, from a CSV to a model folder: what the page, the API and the command line all run.

A job is plain data, so that it can be handed to another process. TensorFlow is imported when it
runs, not before; `worker` is the process it runs in for the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

from emoji_model import limits
from emoji_model.dataset import DataReport, Dataset, check_trainable, read_csv
from emoji_model.errors import InputError
from emoji_model.evaluation import Evaluation, macro_f1_interval
from emoji_model.glove import WordVectors
from emoji_model.options import EpochProgress, TrainingOptions, check_options
from emoji_model.persistence import check_writable

_CONFUSED = 40


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be trained.

    Attributes:
        data: the CSV.
        output: the model folder to write.
        test: a CSV of its own to measure on.
        text_column: name or position of the sentences in `data`; found where not given.
        label_column: the same of the labels.
        emoji: an emoji for some of the labels that are words.
        options: see `TrainingOptions`.
        compare: other architectures, trained from scratch for the table in the card.
        name: what the model is called.
        rows: how many sentences at most.
    """

    data: str
    output: str
    test: str | None = None
    text_column: str | int | None = None
    label_column: str | int | None = None
    emoji: Mapping[str, str] = field(default_factory=dict)
    options: TrainingOptions = field(default_factory=TrainingOptions)
    compare: tuple[str, ...] = ()
    name: str = "custom"
    rows: int = limits.CSV_ROWS

    def to_dict(self) -> dict[str, Any]:
        """The job in plain types; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> "Job":
        """The job that `to_dict` wrote."""
        return cls(
            **{
                **written,
                "options": TrainingOptions(**written["options"]),
                "compare": tuple(written["compare"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Material:
    """What a job learns from: the sentences, how they were found, and those to measure on."""

    dataset: Dataset
    report: DataReport
    test: Dataset | None

    @property
    def seen(self) -> int:
        """How many of the test sentences are also learned from."""
        return len({*self.dataset.sentences} & {*self.test.sentences}) if self.test else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job, in plain types.

    Attributes:
        output: the model folder.
        name: what the model is called.
        labels: (emoji, name) of each class.
        figures: what `config.json` holds as "metrics": accuracy, macro-F1, interval, baselines, classes, ...
        macro_f1_interval: the 95 % interval of macro-F1.
        confusion: counts by (true, predicted) class, of the 40 largest classes.
        confusion_labels: the labels of its rows and columns.
        classes: how many there are in all.
        mistakes: sentence, label, predicted, confidence of what it gets wrong, most confident first.
        history: one entry an epoch.
        seen: how many of the sentences it was measured on it also learned from.
        stopped: whether it was asked to stop before it would have by itself.
        seconds: what it took, without waiting.
    """

    output: str
    name: str
    labels: tuple[tuple[str, str], ...]
    figures: dict[str, Any]
    macro_f1_interval: tuple[float, float]
    confusion: tuple[tuple[int, ...], ...]
    confusion_labels: tuple[str, ...]
    classes: int
    mistakes: tuple[dict[str, Any], ...]
    history: tuple[EpochProgress, ...]
    seen: int
    stopped: bool
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The outcome in plain types; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> "Outcome":
        """The outcome that `to_dict` wrote, also after a way through JSON."""
        return cls(
            **{
                **written,
                "labels": tuple((emoji, name) for emoji, name in written["labels"]),
                "macro_f1_interval": tuple(written["macro_f1_interval"]),
                "confusion": tuple(map(tuple, written["confusion"])),
                "confusion_labels": tuple(written["confusion_labels"]),
                "mistakes": tuple(written["mistakes"]),
                "history": tuple(EpochProgress(**epoch) for epoch in written["history"]),
            }
        )


def read(job: Job) -> Material:
    """Checks a job before any work, and reads its sentences.

    Raises:
        InputError: where an option is out of range, a CSV cannot be read or trained on, or the output not written.
    """
    for options in _all_options(job):
        check_options(options)
    dataset, report = read_csv(job.data, job.text_column, job.label_column, drop_duplicates=True)
    check_rows(report, job.rows)
    dataset = dataset.shown_as(job.emoji)
    check_trainable(dataset)
    test = read_csv(job.test)[0].shown_as(job.emoji) if job.test else None
    check_writable(job.output)
    return Material(dataset, report, test)


def check_rows(report: DataReport, rows: int) -> None:
    """Refuses more sentences than can be trained on here.

    Raises:
        InputError: naming both numbers.
    """
    if report.rows_used > rows:
        raise InputError(
            f"There are {report.rows_used:,} sentences, over the limit of {rows:,} for one training here. "
            "Keep a part of them, or run `python -m emoji_model train` on a machine of your own."
        )


def run(
    job: Job,
    material: Material,
    vectors: WordVectors,
    on_epoch: Callable[[str, EpochProgress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    on_measure: Callable[[], None] | None = None,
) -> Outcome:
    """Trains, measures, and writes the model folder.

    Args:
        job: what is to be done.
        material: what `read` gave for it.
        vectors: GloVe.
        on_epoch: told the architecture and the figures after every epoch.
        stop: asked after every batch; training ends at once, with the best state so far, where it returns true.
        on_measure: called when a network has learned and is measured.

    Raises:
        InputError: where the sentences cannot be trained on, or it is stopped in the first epoch.
    """
    from emoji_model import training

    start = perf_counter()
    results = [
        training.fit(
            material.dataset, vectors, options, material.test, job.name,
            lambda progress, kind=options.architecture: on_epoch(kind, progress) if on_epoch else None,  # type: ignore[misc]
            stop,
            on_measure,
        )
        for options in _all_options(job)
    ]  # fmt: skip
    folder = training.save(results[0], job.output, results[1:])
    best, evaluation = results[0], results[0].evaluation
    return Outcome(
        str(folder),
        job.name,
        tuple((label.emoji, label.name) for label in best.model.labels),
        best.model.metrics | {"architectures": training.architectures(results)},
        macro_f1_interval(evaluation.confusion),
        *_largest(evaluation),
        len(evaluation.confusion_labels),
        tuple(asdict(mistake) for mistake in best.mistakes),
        best.history,
        material.seen,
        bool(stop and stop()),
        perf_counter() - start,
    )


def _largest(evaluation: Evaluation) -> tuple[tuple[tuple[int, ...], ...], tuple[str, ...]]:
    """The confusion matrix of the largest classes, in their order, and their labels."""
    counts, labels = evaluation.confusion, evaluation.confusion_labels
    kept = sorted(sorted(range(len(labels)), key=lambda i: -sum(counts[i]))[:_CONFUSED])
    return tuple(tuple(counts[i][j] for j in kept) for i in kept), tuple(labels[i] for i in kept)


def _all_options(job: Job) -> list[TrainingOptions]:
    options = job.options
    return [options] + [
        TrainingOptions(other, "scratch", options.epochs, seed=options.seed, baselines=False) for other in job.compare
    ]
