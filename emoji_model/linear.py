"""Fits the linear part of a model that learns from very many sentences; see `ngrams`.

scikit-learn is imported where it is used. Method: Fan et al., "LIBLINEAR", 2008 (one class against the rest, squared
hinge loss), the rare classes weighted up by the root of how rare they are.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from emoji_model.ngrams import Buckets, Ngrams, buckets
from emoji_model.recurrent import Array

HALF = 2**16
"""Buckets for words and pairs, and as many for runs of characters, where there are few enough classes."""
BYTES = 8_000_000
"""How large the array may become, in half precision; with more classes there are fewer buckets."""
SHARE = 4.0
"""How much the linear part counts beside the network's logits; from 3 to 8 measures the same on 45,000 tweets."""
_PENALTY = 0.2


def fit_ngrams(
    sentences: Sequence[str],
    gold: npt.NDArray[np.int64],
    classes: int,
    seed: int,
    stop: Callable[[], bool] | None = None,
) -> tuple[Ngrams, Array] | None:
    """The weights of n-grams and the bias of each class, float32 of shape (classes,), scaled by `SHARE`.

    Args:
        sentences: what to learn from.
        gold: the class of each.
        classes: how many there are; each must occur.
        seed: of the order in which the solver goes over the sentences.
        stop: asked after every class; nothing comes of it where it returns true.
    """
    from sklearn.svm import LinearSVC

    half = HALF
    while 2 * half * classes * 2 > BYTES and half > 2:
        half //= 2
    features = _features(sentences, half)
    share = np.bincount(gold, minlength=classes) / len(gold)
    weight = share**-0.5 / (share**0.5).sum()
    kernel, bias = np.empty((2 * half, classes), np.float16), np.empty(classes, np.float32)
    for kind in range(classes):
        if stop and stop():
            return None
        solver = LinearSVC(
            C=_PENALTY, tol=1e-2, max_iter=200, random_state=seed, class_weight={True: weight[kind], False: 1.0}
        )
        solver.fit(features, gold == kind)
        kernel[:, kind], bias[kind] = SHARE * solver.coef_[0], SHARE * solver.intercept_[0]
    return Ngrams(kernel), bias


def _features(sentences: Sequence[str], half: int) -> Any:
    """A sparse float32 matrix of shape (sentences, 2 * half): each half of a row has the length 1."""
    from scipy.sparse import csr_matrix

    columns: list[Buckets] = []
    values, ends = list[Array](), [0]
    for sentence in sentences:
        parts = buckets(sentence, half)
        columns += parts
        values += [np.full(len(part), len(part) ** -0.5 if len(part) else 0.0, np.float32) for part in parts]
        ends.append(ends[-1] + sum(map(len, parts)))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), np.array(ends)), (len(sentences), 2 * half))
