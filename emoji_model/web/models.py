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


def offered(first: str | None = None) -> dict[str, str]:
    """The models a page offers, by the name that is shown, the default one first: `first`, then the shipped ones.

    Raises:
        InputError: where `first` cannot be loaded.
    """
    shipped = {name: name for name in shipped_models()}
    if first is None or first in shipped:
        return {name: name for name in dict.fromkeys([first, *shipped]) if name}
    name = predictor(first).model.name
    return {f"{name} (yours)" if name in shipped else name: first} | shipped
