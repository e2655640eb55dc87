"""What a network is to answer for each sentence: a distribution over the classes, best label first."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from emoji_model.dataset import Dataset
from emoji_model.labels import Label
from emoji_model.recurrent import Array

RANK_DECAY = 0.7
"""How much each accepted label is wanted, relative to the one before it."""

Targets = Callable[[npt.NDArray[np.int64]], Array]
"""Gives what is wanted of some sentences, by their numbers: float32 of shape (members, classes)."""


def targets(dataset: Dataset, labels: Sequence[Label]) -> Targets:
    """What is wanted of the sentences of `dataset`: their accepted labels, with shares that fall by rank."""
    position = {label.text: i for i, label in enumerate(labels)}
    accepted = [[position[y.text] for y in row if y.text in position] for row in dataset.labels]

    def of(members: npt.NDArray[np.int64]) -> Array:
        result = np.zeros((len(members), len(labels)), np.float32)
        for row, member in enumerate(members):
            shares = RANK_DECAY ** np.arange(len(accepted[member]))
            result[row, accepted[member]] = shares / shares.sum()
        return result

    return of
