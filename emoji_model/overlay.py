"""Vectors a model has learned for words of its own, laid beside GloVe's.

GloVe 6B knows newspapers: it lacks slang, symbols and emoji, and 50 numbers say little of what a
word feels like. A model may carry a table of its own; every step of its network then reads GloVe's
50 numbers followed by its own, zeros where either has no such word.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from emoji_model.errors import InputError
from emoji_model.glove import DIMENSIONS, Array, WordVectors


class Overlay:
    """The words of a model's own and their vectors, row for row.

    Args:
        words: different words without blanks.
        matrix: float32 array of shape (words, width).

    Raises:
        InputError: where words and rows differ in number, or a word is empty, repeated or holds a blank.
    """

    def __init__(self, words: Sequence[str], matrix: Array) -> None:
        self.words = tuple(words)
        self.matrix = np.ascontiguousarray(matrix, np.float32)
        if self.matrix.ndim != 2 or len(self.words) != len(self.matrix):
            raise InputError(f"{len(self.words):,} own words need as many vectors. Received: {self.matrix.shape}.")
        self._rows = {word: row for row, word in enumerate(self.words)}
        if len(self._rows) != len(self.words) or any(len(word.split()) != 1 for word in self.words):
            raise InputError("The own words must all be different, and none empty or with a blank in it.")

    @property
    def width(self) -> int:
        """How many numbers each vector has."""
        return int(self.matrix.shape[1])

    def row(self, word: str) -> int | None:
        """The row of `word`, `None` where it is none of these."""
        return self._rows.get(word)


class ModelWords:
    """What a model reads: GloVe's words and, where it has them, its own; the vocabulary of its tokenizer."""

    def __init__(self, vectors: WordVectors, overlay: Overlay | None = None) -> None:
        self.glove, self.overlay = vectors, overlay
        self.width = DIMENSIONS + (overlay.width if overlay else 0)

    def rank(self, word: str) -> int | None:
        """The frequency rank of `word` in GloVe; past all of GloVe's for a word of the model's own."""
        rank = self.glove.rank(word)
        if rank is not None or self.overlay is None:
            return rank
        row = self.overlay.row(word)
        return None if row is None else len(self.glove) + row

    def complete(self, prefix: str) -> str | None:
        """The most frequent word that starts with `prefix`, `None` where there is none."""
        return self.glove.complete(prefix)

    def vectors(self, words: Iterable[str]) -> Array:
        """The vectors of those `words` that are known, in order: float32 of shape (known, width)."""
        if self.overlay is None:
            return self.glove.vectors(words)
        known = [word for word in words if self.rank(word) is not None]
        result = np.zeros((len(known), self.width), np.float32)
        for lookup, table, place in (
            (self.glove.rank, self.glove.matrix, slice(DIMENSIONS)),
            (self.overlay.row, self.overlay.matrix, slice(DIMENSIONS, None)),
        ):
            found = [(at, row) for at, word in enumerate(known) if (row := lookup(word)) is not None]
            if found:
                at, rows = zip(*found, strict=True)
                result[[*at], place] = table[[*rows]]
        return result
