"""Confidences that can be trusted: how sure the first answer may be, and when none is given, chosen on held-out sentences.

A sentence often has several fitting emoji, among which the softmax divides itself: its largest value says how likely
one emoji is the best one, not how likely it fits. So the first answer's confidence is its softmax value put through a
sigmoid of two parameters, and the others share the rest in proportion.

Methods: Platt, "Probabilistic outputs for support vector machines", 1999; Gupta and Ramdas, "Top-label calibration and
multiclass-to-binary reductions", 2022.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from emoji_model.recurrent import Array, softmax

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_SLOPES = np.exp(np.linspace(np.log(0.2), np.log(4.0), 61))
_OFFSETS = np.linspace(-3, 5, 81)
_SURE = 1e-6


def confidences(logits: Array, slope: float, offset: float) -> Array:
    """Calibrated confidences of every class, which sum to one; the order of the classes stays as it is.

    Args:
        logits: float of shape (sentences, classes), as the network gives them.
        slope: what the log odds of the first answer are multiplied by; 1 with an offset of 0 changes nothing.
        offset: what is added to them.
    """
    chances = softmax(logits)
    best = chances.argmax(axis=1)[:, None]
    first = np.take_along_axis(chances, best, axis=1)
    chances += np.float32(1e-12)  # where the first takes all, the others share evenly what it gives back
    np.put_along_axis(chances, best, 0, axis=1)
    rest = chances.sum(axis=1, keepdims=True)
    second = chances.max(axis=1, keepdims=True) / rest
    # the first answer stays the first, however unsure it is made
    sure = np.maximum(_sigmoid(slope * _log_odds(first) + offset), second / (1 + second))
    chances *= (1 - sure) / rest
    np.put_along_axis(chances, best, sure.astype(chances.dtype), axis=1)
    return chances


def calibrate(
    logits: Array, accepted: Sequence[Collection[int]], flat: Array | None = None
) -> tuple[float, float, float]:
    """The slope and offset at which the first answer is as sure as it is right, and the threshold of rare regret.

    Args:
        logits: float of shape (sentences, classes), as the network gives them.
        accepted: the right classes of each sentence, one or several.
        flat: logits of sentences that call for no answer.

    Returns:
        The slope and offset of least log loss of "the first answer is right", held a little to 1 and 0: with few
        sentences they hardly move. And the confidence below which the model abstains: one in twenty of the right
        answers is lost, and it is never above a half; with `flat`, nine in ten of these get no answer unless that
        loses more than three in twenty of the right ones.
    """
    first = logits.argmax(axis=1)
    right = np.array([best in row for best, row in zip(first.tolist(), accepted, strict=True)])
    odds = _log_odds(softmax(logits).max(axis=1))
    losses = [
        [_loss(_sigmoid(slope * odds + offset), right) + np.log(slope) ** 2 + 0.1 * offset**2 for offset in _OFFSETS]
        for slope in _SLOPES
    ]
    at, of = np.unravel_index(int(np.argmin(losses)), (len(_SLOPES), len(_OFFSETS)))
    slope, offset = float(_SLOPES[at]), float(_OFFSETS[of])
    sure = confidences(logits, slope, offset).max(axis=1)[right]
    threshold = float(np.quantile(sure, 0.05)) if len(sure) else 0.5
    if flat is not None and len(sure):
        quiet = float(np.quantile(confidences(flat, slope, offset).max(axis=1), 0.9))
        threshold = min(max(threshold, quiet), float(np.quantile(sure, 0.15)))
    return round(slope, 4), round(offset, 4), round(threshold if flat is not None else min(0.5, threshold), 4)


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


def match_counts(logits: Array, counts: npt.NDArray[np.int64], steps: int = 300) -> Array:
    """What to add to the logits so that each class is answered as often as it occurs.

    With many held-out sentences this gives a better macro-F1 than one share of the log frequencies for all classes,
    and it asks for no right answers. Method: Saerens et al., "Adjusting the outputs of a classifier to new a priori
    probabilities", 2002, here for the answers instead of the probabilities.

    Args:
        logits: float of shape (sentences, classes) for held-out sentences, a thousand or more.
        counts: how many sentences of each class were learned from.
        steps: how often the shift is corrected.

    Returns:
        float32 of shape (classes,).
    """
    wanted = counts / counts.sum()
    shift = np.zeros(len(counts))
    for _ in range(steps):
        answered = np.bincount((logits + shift).argmax(axis=1), minlength=len(counts)) / len(logits)
        shift -= 0.1 * np.log((answered + 1e-3) / (wanted + 1e-3))
    centred: Array = (shift - shift.mean()).astype(np.float32)
    return centred


def _log_odds(chances: Array) -> Array:
    inside = np.clip(chances, _SURE, 1 - _SURE)
    odds: Array = np.log(inside / (1 - inside))
    return odds


def _sigmoid(odds: Array) -> Array:
    chances = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return chances.astype(np.float32)


def _loss(chances: Array, right: npt.NDArray[np.bool_]) -> float:
    inside = np.clip(chances, _SURE, 1 - _SURE)
    return float(-np.log(np.where(right, inside, 1 - inside)).sum())
