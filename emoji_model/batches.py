"""Sentences as rows of word numbers, in batches of like length: what Keras is fed while training.

Importing this module imports TensorFlow: only the process that trains does so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from emoji_model.glove import DIMENSIONS
from emoji_model.overlay import ModelWords
from emoji_model.recurrent import Array
from emoji_model.targets import Targets
from emoji_model.text import tokenize

_LENGTH_STEP = 8  # padded lengths are multiples of this: fewer shapes to trace

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CorpusWords:
    """The words of a corpus, their vectors, and each sentence as rows of them.

    Attributes:
        words: in the order of rows 1 and on; row 0 is no word.
        glove: float32 of shape (words + 1, 50), zeros where GloVe lacks the word.
        own: float32 of shape (words + 1, width of the model's own vectors), zeros where it has none.
        rows: one array of row numbers a sentence.
    """

    words: tuple[str, ...]
    glove: Array
    own: Array
    rows: list[Rows]


def corpus_words(sentences: Sequence[str], vocabulary: ModelWords) -> CorpusWords:
    """The known tokens of `sentences` as rows of a matrix of only the words that occur."""
    number: dict[str, int] = {}
    rows = []
    for sentence in sentences:
        tokens = [t.text for t in tokenize(sentence, vocabulary) if t.known]
        rows.append(np.array([number.setdefault(text, len(number) + 1) for text in tokens], np.int32))
    nothing = np.zeros((1, vocabulary.width), np.float32)
    matrix = np.concatenate([nothing, vocabulary.vectors(number)])
    return CorpusWords(tuple(number), matrix[:, :DIMENSIONS], matrix[:, DIMENSIONS:], rows)


def batches(rows: Sequence[Rows], targets: Targets, size: int, seed: int | None) -> tf.data.Dataset:
    """Batches of sentences of like length; with a seed, in a new order every epoch.

    Args:
        rows: each sentence as int32 rows of the word matrix.
        targets: what is wanted of each.
        size: sentences in a batch.
        seed: of the order; `None` for sentences sorted by length.

    Returns:
        Pairs of int32 of shape (batch, steps), 0 where a sentence has ended, and float32 of shape (batch, classes).
    """
    lengths = np.array([len(row) for row in rows])
    random = None if seed is None else np.random.default_rng(seed)

    def epoch() -> Iterator[tuple[Rows, Array]]:
        for members in _order(lengths, size, random):
            steps = -(-int(lengths[members].max()) // _LENGTH_STEP) * _LENGTH_STEP
            batch = np.zeros((len(members), steps), np.int32)
            for at, member in enumerate(members):
                batch[at, : lengths[member]] = rows[member]
            yield batch, targets(members)

    classes = targets(np.zeros(1, np.int64)).shape[1]
    shapes = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, classes), tf.float32))
    count = -(-len(rows) // size)
    return tf.data.Dataset.from_generator(epoch, output_signature=shapes).apply(
        tf.data.experimental.assert_cardinality(count)
    )


def _order(
    lengths: npt.NDArray[np.int64], size: int, random: np.random.Generator | None
) -> list[npt.NDArray[np.int64]]:
    """Which sentences stand in which batch."""
    order = np.argsort(lengths, kind="stable")
    if random:
        order = random.permutation(len(lengths))
        pool = 50 * size
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            order[start : start + pool] = part[np.argsort(lengths[part], kind="stable")]
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [batches[i] for i in random.permutation(len(batches))] if random else batches
