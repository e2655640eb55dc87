"""Figures of a predictor on labelled sentences. scikit-learn is imported where it is used: the app starts without it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from emoji_model import limits
from emoji_model.dataset import Dataset
from emoji_model.labels import canonical_emoji
from emoji_model.recurrent import Array

ECE_BINS = 15


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision, recall and F1 of one class, and how many sentences have it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over `n` sentences; all but `ece` are better when larger.

    Attributes:
        n: number of sentences.
        accuracy: share whose first prediction is among the accepted labels.
        macro_f1: mean F1 over the classes that occur.
        hits: share with an accepted label among the best 1, 3 and 5.
        ece: expected calibration error over 15 bins of equal mass.
        interval: 95 % Wilson interval of the accuracy.
        classes: figures by class, in the order of the model's labels.
        confusion: counts by (true, predicted) class, in that order.
        confusion_labels: the labels of its rows and columns.
    """

    n: int
    accuracy: float
    macro_f1: float
    hits: dict[int, float]
    ece: float
    interval: tuple[float, float]
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    confusion_labels: tuple[str, ...]

    def summary(self) -> dict[str, float | int]:
        """The figures that `evaluate --json` prints."""
        hits = {f"hit@{k}": value for k, value in self.hits.items()}
        return {"n": self.n, "accuracy": self.accuracy, "macro_f1": self.macro_f1, **hits, "ece": self.ece}

    def to_dict(self) -> dict[str, object]:
        """All figures, in plain types."""
        classes = [asdict(figures) for figures in self.classes]
        return self.summary() | {"interval": list(self.interval), "classes": classes}


def evaluate(probabilities: Array, labels: Sequence[str], dataset: Dataset) -> Evaluation:
    """The figures of predicted `probabilities` against the labels of `dataset`.

    Args:
        probabilities: float of shape (sentences, classes), calibrated.
        labels: the emoji (or words) of the classes.
        dataset: the sentences' accepted labels; any of them counts as a hit. A label that the
            model does not have can never be hit.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    position = {_key(label): i for i, label in enumerate(labels)}
    ranking = np.argsort(-probabilities, axis=1, kind="stable")[:, :5]
    accepted = [{position.get(_key(y.text), -1) for y in row} - {-1} for row in dataset.labels]
    hit = np.array([[c in row for c in best] for best, row in zip(ranking.tolist(), accepted, strict=True)])
    first = ranking[:, 0]
    names = [*labels]
    gold = []
    for best, is_hit, row in zip(first.tolist(), hit[:, 0], dataset.firsts, strict=True):
        if not is_hit and _key(row.text) not in position:
            if len(names) < limits.MODEL_CLASSES + len(labels):
                names.append(row.text)
            position[_key(row.text)] = len(names) - 1  # past the limit they share the last place
        gold.append(best if is_hit else position[_key(row.text)])
    present = sorted(set(gold))
    precision, recall, f1, support = precision_recall_fscore_support(gold, first, labels=present, zero_division=0)
    table = confusion_matrix(gold, first, labels=range(len(names)))
    return Evaluation(
        n=len(dataset),
        accuracy=float(hit[:, 0].mean()),
        macro_f1=float(np.mean(f1)),
        hits={k: float(hit[:, :k].any(axis=1).mean()) for k in (1, 3, 5)},
        ece=calibration_error(probabilities.max(axis=1), hit[:, 0]),
        interval=wilson_interval(int(hit[:, 0].sum()), len(dataset)),
        classes=tuple(
            ClassFigures(names[c], float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
            for i, c in enumerate(present)
        ),
        confusion=tuple(tuple(int(x) for x in row) for row in table),
        confusion_labels=tuple(names),
    )


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence, the label it has, and the one that was predicted with which confidence."""

    sentence: str
    label: str
    predicted: str
    confidence: float


def mistakes(probabilities: Array, labels: Sequence[str], dataset: Dataset, most: int = 20) -> list[Mistake]:
    """The sentences whose first prediction is not accepted, most confident first; arguments as for `evaluate`."""
    first, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    accepted = [{_key(y.text) for y in row} for row in dataset.labels]
    wrong = [i for i in np.argsort(-confidence, kind="stable").tolist() if _key(labels[first[i]]) not in accepted[i]]
    return [
        Mistake(dataset.sentences[i], dataset.labels[i][0].text, labels[first[i]], float(confidence[i]))
        for i in wrong[:most]
    ]


def macro_f1_interval(confusion: Sequence[Sequence[int]], resamples: int = 1_000, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of macro-F1, by the percentile bootstrap over the sentences.

    Method: Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.

    Args:
        confusion: counts by (true, predicted) class.
        resamples: how often as many sentences are drawn with replacement.
        seed: of the draws.
    """
    table = np.asarray(confusion)
    true, predicted = np.nonzero(table)
    drawn = np.random.default_rng(seed).multinomial(
        int(table.sum()), table[true, predicted] / table.sum(), size=resamples
    )
    size = len(table)
    of_class = np.eye(size, dtype=np.int64)
    right = (drawn * (true == predicted)) @ of_class[true]
    both = drawn @ (of_class[true] + of_class[predicted])
    f1 = np.divide(2 * right, both, out=np.zeros(right.shape), where=both > 0)[:, np.unique(true)].mean(axis=1)
    low, high = np.quantile(f1, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(confidence: Array, right: npt.NDArray[np.bool_], bins: int = ECE_BINS) -> float:
    """Expected calibration error over bins of equal mass: the mean gap of confidence and accuracy.

    Method: Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", 2015;
    equal mass as in Nguyen and O'Connor, 2015.
    """
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(confidence[part].mean()) - float(right[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(order)


def wilson_interval(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share of `right` in `n` (Wilson, 1927)."""
    share = right / n
    centre, spread = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def _key(label: str) -> str:
    return canonical_emoji(label) or label.lower()
