"""Confidences that can be trusted: a temperature and a threshold, chosen on held-out sentences.

Method: Guo et al., "On calibration of modern neural networks", 2017 (temperature scaling).
"""

import numpy as np
import numpy.typing as npt

from emoji_model.recurrent import Array

_TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(5.0), 120))


def calibrate(logits: Array, gold: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The temperature of least held-out loss, and the threshold of rare regret.

    Args:
        logits: float of shape (sentences, classes), as the network gives them.
        gold: the right class of each sentence.

    Returns:
        The temperature the logits are to be divided by, and the confidence below which the model
        abstains: it leaves out at most one in twenty of the right answers and is never above a half.
    """
    losses = [_log_loss(logits / t, gold) for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    scaled = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    confidence = scaled.max(axis=1)[scaled.argmax(axis=1) == gold]
    threshold = min(0.5, float(np.quantile(confidence, 0.05))) if len(confidence) else 0.5
    return round(temperature, 4), round(threshold, 4)


def _log_loss(logits: Array, gold: npt.NDArray[np.int64]) -> float:
    top = logits.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return float((normaliser - logits[np.arange(len(gold)), gold]).mean())
