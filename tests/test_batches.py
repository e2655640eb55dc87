import numpy as np
import numpy.typing as npt

from emoji_model.batches import batches, corpus_words
from emoji_model.glove import WordVectors
from emoji_model.overlay import ModelWords, Overlay


def test_batches_hold_every_sentence_once(vectors: WordVectors) -> None:
    sentences = [" ".join(["love"] * length) for length in range(1, 40)]
    words = corpus_words(sentences, ModelWords(vectors))
    assert words.words == ("love",)
    assert words.glove.shape == (2, 50)
    assert words.own.shape == (2, 0)

    def number(members: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return members[:, None].astype(np.float32)

    for seed in (None, 3):
        found = [(rows.numpy(), kinds.numpy()[:, 0]) for rows, kinds in batches(words.rows, number, 8, seed)]
        lengths = {int(kind): int(row.sum()) for rows, kinds in found for row, kind in zip(rows, kinds, strict=True)}
        assert lengths == {i: i + 1 for i in range(len(sentences))}


def test_words_of_a_models_own_are_read_and_lie_beside_glove(vectors: WordVectors) -> None:
    own = Overlay(["love", "zxqvw"], np.array([[1, 2], [3, 4]], np.float32))
    words = corpus_words(["love zxqvw pizza qqzzxx"], ModelWords(vectors, own))
    assert words.words == ("love", "zxqvw", "pizza")
    assert words.rows[0].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(words.own, [[0, 0], [1, 2], [3, 4], [0, 0]])
    np.testing.assert_array_equal(words.glove[1], vectors.vectors(["love"])[0])
    assert not words.glove[2].any()
