"""A linear part beside the network: what single words, pairs of words and runs of characters say of each class.

With tens of thousands of sentences it knows of names, hashtags and spellings that word vectors lack.
Its features are hashed, so there is no vocabulary to keep: an array of a fixed size is all of it.

Methods: Weinberger et al., "Feature hashing for large scale multitask learning", 2009; Joulin et al., "Bag of tricks
for efficient text classification", 2017 (pairs of words); Cheng et al., "Wide & deep learning for recommender
systems", 2016 (a linear part and a network that answer together).
"""

import re
import zlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from emoji_model.errors import InputError
from emoji_model.recurrent import Array

RUNS = range(2, 6)
"""Lengths of the runs of characters that are features, within a word and the blanks around it."""
_WORD = re.compile(r"[@#]?\w+|[^\w\s]")

Buckets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ngrams:
    """The weights of hashed features.

    Attributes:
        kernel: float16 of shape (buckets, classes): words and pairs in the first half of the buckets, runs in the other.
    """

    kernel: npt.NDArray[np.float16]

    def __post_init__(self) -> None:
        """Checks the array.

        Raises:
            InputError: where it is no table of finite numbers with an even number of rows.
        """
        if self.kernel.ndim != 2 or len(self.kernel) < 2 or len(self.kernel) % 2 or not np.isfinite(self.kernel).all():
            raise InputError(
                f"The weights of n-grams must be finite numbers in an even number of rows. Received: {self.kernel.shape}."
            )

    def logits(self, sentence: str) -> Array:
        """What is added to the network's logits: float32 of shape (classes,)."""
        total = np.zeros(self.kernel.shape[1], np.float32)
        for part in buckets(sentence, len(self.kernel) // 2):
            if len(part):
                total += self.kernel[part].sum(axis=0, dtype=np.float32) / np.float32(len(part)) ** 0.5
        return total


def buckets(sentence: str, half: int) -> tuple[Buckets, Buckets]:
    """The features of a sentence: the buckets of its words and pairs, from 0, and of its runs, from `half`.

    Args:
        sentence: any text.
        half: buckets of either kind.
    """
    text = sentence.lower()
    words = _WORD.findall(text)
    first = {_hash(gram, half) for gram in [*words, *(f"{a} {b}" for a, b in pairwise(words))]}
    second = set()
    for word in text.split():
        inside = f" {word} "
        second |= {
            _hash(inside[at : at + length], half) for length in RUNS for at in range(max(1, len(inside) - length + 1))
        }
    return np.array(sorted(first), np.int64), np.array(sorted(second), np.int64) + half


def _hash(gram: str, size: int) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass")) % size
