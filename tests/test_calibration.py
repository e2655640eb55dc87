import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model.calibration import balance, calibrate, confidences, match_counts
from emoji_model.evaluation import calibration_error
from emoji_model.recurrent import softmax


@given(st.integers(2, 12), st.floats(0.05, 8), st.floats(-20, 20), st.integers(0, 2**16), st.floats(0.01, 200))
def test_confidences_sum_to_one_and_keep_the_order(
    classes: int, slope: float, offset: float, seed: int, scale: float
) -> None:
    logits = np.random.default_rng(seed).normal(0, scale, (7, classes)).astype(np.float32)
    found = confidences(logits, slope, offset)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)
    chances = softmax(logits)
    order = np.argsort(-chances, axis=1, kind="stable")
    sorted_found = np.take_along_axis(found, order, axis=1)
    assert (np.diff(sorted_found, axis=1) <= 1e-6).all()


def test_a_slope_of_one_and_no_offset_change_nothing() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (50, 6)).astype(np.float32)
    np.testing.assert_allclose(confidences(logits, 1.0, 0.0), softmax(logits), atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_the_first_answer_becomes_as_sure_as_it_is_right(share: float) -> None:
    """Where, as in several fitting emoji, second answers are accepted too, softmax is too modest, and is mended."""
    random = np.random.default_rng(3)
    logits = random.normal(0, 1.5, (6_000, 8)).astype(np.float32)
    gold = np.array([random.choice(8, p=row / row.sum()) for row in softmax(logits).astype(float)])
    best = logits.argmax(axis=1)
    accepted = [{int(g), int(b)} if random.random() < share else {int(g)} for g, b in zip(gold, best, strict=True)]
    slope, offset, threshold = calibrate(logits[::2], accepted[::2])
    sure = confidences(logits[1::2], slope, offset).max(axis=1)
    right = np.array([int(b) in row for b, row in zip(best[1::2], accepted[1::2], strict=True)])
    assert calibration_error(sure, right) < 0.04
    assert np.mean(sure[right] >= threshold) >= 0.93


def test_few_sentences_hardly_move_it() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 2.0]], np.float32)
    slope, offset, _ = calibrate(logits, [{0}, {0}])
    assert 0.5 < slope < 2
    assert abs(offset) < 1.5


def test_nothing_right_still_gives_a_threshold() -> None:
    logits = np.array([[5.0, 0.0], [5.0, 0.0]], np.float32)
    assert calibrate(logits, [{1}, {1}])[2] == 0.5


def test_flat_sentences_get_no_answer_unless_that_costs_too_many_right_ones() -> None:
    logits = np.stack([np.linspace(1, 6, 100), np.zeros(100)], axis=1).astype(np.float32)
    accepted = [{0}] * 100
    slope, offset, alone = calibrate(logits, accepted)
    flat = np.array([[1.2, 0.0]] * 50, np.float32)
    quiet = calibrate(logits, accepted, flat)[2]
    assert quiet >= alone
    assert (confidences(flat, slope, offset).max(axis=1) <= quiet + 1e-4).all()
    loud = np.array([[9.0, 0.0]] * 50, np.float32)
    sure = confidences(logits, slope, offset).max(axis=1)
    assert np.mean(sure >= calibrate(logits, accepted, loud)[2]) >= 0.84


def test_balance_gives_rare_classes_their_due_and_even_ones_nothing() -> None:
    random = np.random.default_rng(2)
    gold = np.concatenate([np.zeros(300, int), np.ones(300, int)])
    signs = np.where(gold == 0, 1.0, -1.0)
    logits = np.stack([signs, -signs], axis=1) + random.normal(0, 1, (600, 2))
    leaning = (logits + np.log([0.9, 0.1])).astype(np.float32)
    shift = balance(leaning, gold, np.array([900, 100]))
    assert shift[1] - shift[0] == pytest.approx(np.log(9), rel=0.5)
    assert not balance(logits.astype(np.float32), gold, np.array([500, 500])).any()


def test_classes_are_answered_as_often_as_they_occur() -> None:
    random = np.random.default_rng(0)
    counts = np.array([700, 200, 100])
    logits = random.normal(size=(2_000, 3)).astype(np.float32) + np.array([3, 0, 0], np.float32)
    shift = match_counts(logits, counts)
    shares = np.bincount((logits + shift).argmax(axis=1), minlength=3) / 2_000
    np.testing.assert_allclose(shares, counts / 1_000, atol=0.02)
