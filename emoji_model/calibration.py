"""Confidences that can be trusted: a temperature and a threshold, chosen on held-out sentences.

Method: Guo et al., "On calibration of modern neural networks", 2017 (temperature scaling).
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from emoji_model.recurrent import Array, softmax

_TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(5.0), 160))


def calibrate(logits: Array, accepted: Sequence[Collection[int]], flat: Array | None = None) -> tuple[float, float]:
    """The temperature at which the first answer is as sure as it is right, and the threshold of rare regret.

    Args:
        logits: float of shape (sentences, classes), as the network gives them.
        accepted: the right classes of each sentence, one or several.
        flat: logits of sentences that call for no answer, of which nine in ten should get none.

    Returns:
        The temperature the logits are to be divided by: the one of least log loss of "the first answer is right".
        And the confidence below which the model abstains: it leaves out at most one in twenty of the right answers
        and is never above a half; with `flat`, it is no higher than they need.
    """
    first = logits.argmax(axis=1)
    right = np.array([best in row for best, row in zip(first.tolist(), accepted, strict=True)])
    losses = [_log_loss(_confidence(logits, t), right) for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    sure = _confidence(logits, temperature)[right]
    threshold = min(0.5, float(np.quantile(sure, 0.05))) if len(sure) else 0.5
    if flat is not None:
        threshold = min(threshold, float(np.quantile(_confidence(flat, temperature), 0.9)))
    return round(temperature, 4), round(threshold, 4)


def _confidence(logits: Array, temperature: float) -> Array:
    return softmax(logits / np.float32(temperature)).max(axis=1)


def _log_loss(confidence: Array, right: npt.NDArray[np.bool_]) -> float:
    share = np.clip(confidence, 1e-6, 1 - 1e-6)
    return float(-np.log(np.where(right, share, 1 - share)).mean())
