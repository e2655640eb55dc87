import numpy as np
import pytest

from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.overlay import ModelWords, Overlay
from emoji_model.text import tokenize

OWN = Overlay(["love", "\U0001f499", "selfiestick"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_without_an_overlay_it_is_glove(few_vectors: WordVectors) -> None:
    words = ModelWords(few_vectors)
    assert words.width == 50
    np.testing.assert_array_equal(words.vectors(["love", "zebra"]), few_vectors.vectors(["love"]))


def test_both_tables_lie_side_by_side(few_vectors: WordVectors) -> None:
    words = ModelWords(few_vectors, OWN)
    assert words.width == 52
    found = words.vectors(["selfiestick", "zebra", "love", "pizza"])
    assert found.shape == (3, 52)
    np.testing.assert_array_equal(found[:, 50:], [[4, 5], [0, 1], [0, 0]])
    assert not found[0, :50].any()
    np.testing.assert_array_equal(found[1:, :50], few_vectors.vectors(["love", "pizza"]))
    assert words.vectors([]).shape == words.vectors(["zebra"]).shape == (0, 52)


def test_own_words_are_known_to_the_tokenizer_but_rank_behind_all_of_gloves(few_vectors: WordVectors) -> None:
    words = ModelWords(few_vectors, OWN)
    assert words.rank("love") == few_vectors.rank("love")
    assert words.rank("selfiestick") == len(few_vectors) + 2
    assert [t.known for t in tokenize("selfiestick \U0001f499 zebra", words)] == [True, True, False]


@pytest.mark.parametrize("words", [["a", "a"], ["a b", "c"], ["", "c"], ["a"]])
def test_words_that_cannot_be_looked_up_are_refused(words: list[str]) -> None:
    with pytest.raises(InputError):
        Overlay(words, np.zeros((2, 3), np.float32))
