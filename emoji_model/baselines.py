"""The simpler ways every training report stands beside: a linear model, and the largest class."""

from collections import Counter
from typing import Any

import numpy as np

from emoji_model.dataset import Dataset
from emoji_model.evaluation import evaluate, macro_f1_interval

_WORD = r"\S+"
_MANY = 50  # with more classes than that, fewer passes: each costs a model a class
_EXACT = 10_000  # with more sentences the same regression is solved by stochastic descent: seconds, not minutes


def measure_baselines(train: Dataset, test: Dataset) -> dict[str, dict[str, Any]]:
    """Accuracy and macro-F1 on `test`, each with its 95 % interval, of two simpler ways learned from `train`.

    They are TF-IDF with logistic regression, and always the largest class.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.pipeline import make_pipeline

    texts = [label.text for label in train.firsts]
    kinds = sorted(set(texts))
    largest = Counter(texts).most_common(1)[0][0]
    solver = (
        LogisticRegression(C=10, max_iter=300)
        if len(train) <= _EXACT
        else SGDClassifier(
            loss="log_loss", alpha=1e-5, max_iter=20 if len(kinds) <= _MANY else 5, tol=None, random_state=0
        )
    )
    linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD), solver)
    linear.fit(train.sentences, texts)
    scores = np.asarray(linear.predict_proba(test.sentences), np.float32)
    kinds = [str(kind) for kind in linear.classes_]
    constant = np.tile(np.array([kind == largest for kind in kinds], np.float32), (len(test), 1))
    ways = {"TF-IDF + logistic regression": scores, "largest class": constant}
    figures = {name: evaluate(way, kinds, test) for name, way in ways.items()}
    return {
        name: {
            "accuracy": e.accuracy,
            "interval": list(e.interval),
            "macro_f1": e.macro_f1,
            "macro_f1_interval": list(macro_f1_interval(e.confusion)),
        }
        for name, e in figures.items()
    }
