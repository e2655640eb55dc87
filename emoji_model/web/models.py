"""The predictors the page uses: loaded once each, over one shared table of word vectors."""

from functools import lru_cache

from emoji_model.glove import WordVectors
from emoji_model.persistence import shipped_models
from emoji_model.predictor import EmojiPredictor


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The table every model of the page reads from."""
    return WordVectors.open()


@lru_cache(maxsize=8)
def predictor(name: str) -> EmojiPredictor:
    """The predictor of a shipped model, or of the model the app was started with."""
    return EmojiPredictor.from_pretrained(name, word_vectors())


def choices(first: str | None = None) -> list[str]:
    """The models offered: `first`, where one was asked for at the start, then the shipped ones."""
    names = shipped_models()
    return names if first is None or first in names else [first, *names]
