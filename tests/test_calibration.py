import numpy as np
import pytest

from emoji_model.calibration import balance, calibrate
from emoji_model.evaluation import calibration_error


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true_temperature: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (6_000, 5)).astype(np.float32)
    exponentials = np.exp(logits / true_temperature)
    chances = exponentials / exponentials.sum(axis=1, keepdims=True)
    gold = np.array([random.choice(5, p=row) for row in chances])
    temperature, threshold = calibrate(logits, [{int(kind)} for kind in gold])
    assert temperature == pytest.approx(true_temperature, rel=0.06)
    scaled = np.exp(logits / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    right = scaled.argmax(axis=1) == gold
    assert calibration_error(scaled.max(axis=1), right) < 0.02
    assert 0 < threshold <= 0.5
    assert np.mean(scaled.max(axis=1)[right] >= threshold) >= 0.949


def test_nothing_right_still_gives_a_threshold() -> None:
    logits = np.array([[5.0, 0.0], [5.0, 0.0]], np.float32)
    assert calibrate(logits, [{1}, {1}])[1] == 0.5


def test_any_accepted_class_is_right() -> None:
    logits = np.random.default_rng(1).normal(0, 2, (2_000, 6)).astype(np.float32)
    first, second = (row.tolist() for row in np.argsort(-logits, axis=1)[:, :2].T)
    half_right, _ = calibrate(
        logits, [{a} if i % 2 else {b} for i, (a, b) in enumerate(zip(first, second, strict=True))]
    )
    always, _ = calibrate(logits, [{a, b} for a, b in zip(first, second, strict=True)])
    assert always < half_right


def test_flat_sentences_lower_no_more_than_they_must() -> None:
    logits = np.array([[5.0, 0.0]] * 99 + [[0.1, 0.0]], np.float32)
    accepted = [{0}] * 100
    _, alone = calibrate(logits, accepted)
    _, threshold = calibrate(logits, accepted, np.array([[0.01, 0.0]] * 50, np.float32))
    assert threshold == pytest.approx(0.5, abs=0.03)
    assert threshold <= alone


def test_balance_gives_rare_classes_their_due_and_even_ones_nothing() -> None:
    random = np.random.default_rng(2)
    gold = np.concatenate([np.zeros(300, int), np.ones(300, int)])
    logits = np.stack([np.where(gold == 0, 1.0, -1.0), np.where(gold == 0, -1.0, 1.0)], axis=1) + random.normal(
        0, 1, (600, 2)
    )
    leaning = (logits + np.log([0.9, 0.1])).astype(np.float32)
    shift = balance(leaning, gold, np.array([900, 100]))
    assert shift[1] - shift[0] == pytest.approx(np.log(9), rel=0.5)
    assert not balance(logits.astype(np.float32), gold, np.array([500, 500])).any()
