"""Confidences that can be trusted: a temperature and a threshold, chosen on held-out sentences.

Method: Guo et al., "On calibration of modern neural networks", 2017 (temperature scaling).
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from emoji_model.recurrent import Array, softmax

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
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


def balance(logits: Array, gold: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Array:
    """What to add to the logits so that rare classes get their due.

    A network leans towards the classes it saw most. Taking a share of the log frequencies off its logits undoes
    that; the share is the one with the best macro-F1 on held-out sentences, none where it gains nothing.

    Method: Menon et al., "Long-tail learning via logit adjustment", 2021 (post-hoc).

    Args:
        logits: float of shape (sentences, classes) for held-out sentences.
        gold: the right class of each.
        counts: how many sentences of each class were learned from.

    Returns:
        float32 of shape (classes,).
    """
    from sklearn.metrics import f1_score

    prior = -np.log(np.maximum(counts, 1) / max(1, counts.sum())).astype(np.float32)
    prior -= prior.min()
    scores = [
        f1_score(gold, (logits + np.float32(share) * prior).argmax(axis=1), average="macro", zero_division=0)
        for share in _SHARES
    ]
    best = _SHARES[int(np.argmax(scores))]  # of equal ones the smallest
    shift: Array = np.float32(best) * prior
    return shift


def _confidence(logits: Array, temperature: float) -> Array:
    confidence: Array = softmax(logits / np.float32(temperature)).max(axis=1)
    return confidence


def _log_loss(confidence: Array, right: npt.NDArray[np.bool_]) -> float:
    share = np.clip(confidence, 1e-6, 1 - 1e-6)
    return float(-np.log(np.where(right, share, 1 - share)).mean())
