import numpy as np
import pytest

from emoji_model.calibration import calibrate
from emoji_model.evaluation import calibration_error


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true_temperature: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (6_000, 5)).astype(np.float32)
    exponentials = np.exp(logits / true_temperature)
    chances = exponentials / exponentials.sum(axis=1, keepdims=True)
    gold = np.array([random.choice(5, p=row) for row in chances])
    temperature, threshold = calibrate(logits, gold)
    assert temperature == pytest.approx(true_temperature, rel=0.06)
    scaled = np.exp(logits / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    right = scaled.argmax(axis=1) == gold
    assert calibration_error(scaled.max(axis=1), right) < 0.02
    assert 0 < threshold <= 0.5
    assert np.mean(scaled.max(axis=1)[right] >= threshold) >= 0.949


def test_nothing_right_still_gives_a_threshold() -> None:
    logits = np.array([[5.0, 0.0], [5.0, 0.0]], np.float32)
    assert calibrate(logits, np.array([1, 1]))[1] == 0.5
