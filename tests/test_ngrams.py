"""The hashed linear part: what its features are, and that it is fitted as it predicts."""

import numpy as np
import pytest

from emoji_model import InputError, linear
from emoji_model.linear import fit_ngrams
from emoji_model.ngrams import Ngrams, buckets


def test_features_are_words_pairs_and_runs_each_in_its_half() -> None:
    first, second = buckets("Good dog", 2**16)
    assert len(first) == 3  # good, dog, good dog
    assert first.max() < 2**16 <= second.min()
    runs = {
        run
        for word in (" good ", " dog ")
        for n in range(2, 6)
        for run in (word[i : i + n] for i in range(len(word) - n + 1))
    }
    assert len(second) == len(runs)


def test_case_is_no_feature_and_a_repeated_word_is_one() -> None:
    for one, other in zip(buckets("GO go GO", 512), buckets("go go", 512), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("sentence", ["", " ", "\ud800", "😀", "a" * 5_000])
def test_any_text_has_features_or_none(sentence: str) -> None:
    ngrams = Ngrams(np.ones((64, 3), np.float16))
    assert np.isfinite(ngrams.logits(sentence)).all()
    assert (ngrams.logits("") == 0).all()


def test_it_learns_words_and_spellings() -> None:
    sentences = [f"{word} {n}" for n in range(30) for word in ("#teamsnow", "#teamsun", "@rain_fan")]
    gold = np.array([0, 1, 2] * 30)
    fitted = fit_ngrams(sentences, gold, 3, 7)
    assert fitted
    ngrams, bias = fitted
    for sentence, kind in (("go #teamsnow", 0), ("go #teamsun", 1), ("the rain_fans", 2)):
        assert int((ngrams.logits(sentence) + bias).argmax()) == kind


def test_with_more_classes_there_are_fewer_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "BYTES", 4_000)
    fitted = fit_ngrams([f"word{n % 5}" for n in range(20)], np.arange(20) % 5, 5, 7)
    assert fitted
    assert fitted[0].kernel.nbytes <= 4_000
    assert len(fitted[0].kernel) >= 256


def test_it_can_be_stopped() -> None:
    assert fit_ngrams(["a b", "c d"] * 3, np.array([0, 1] * 3), 2, 7, lambda: True) is None


@pytest.mark.parametrize("kernel", [np.ones(4), np.ones((3, 2)), np.full((4, 2), np.nan)])
def test_what_is_no_table_of_weights_is_refused(kernel: np.ndarray) -> None:
    with pytest.raises(InputError, match="even number of rows"):
        Ngrams(kernel.astype(np.float16))
