"""The predictors the page uses, shipped ones and visitors' own, over one shared table of word vectors."""

import os
import threading
from collections import OrderedDict
from functools import lru_cache

from emoji_model.glove import WordVectors
from emoji_model.persistence import shipped_models
from emoji_model.predictor import EmojiPredictor

_KEPT = 8
"""Predictors in memory beside the shipped ones, some 20 MB each; others are read again from their folder."""
_cache: OrderedDict[str, EmojiPredictor] = OrderedDict()
_lock = threading.Lock()


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The table every model of the page reads from."""
    return WordVectors.open()


def predictor(name: str) -> EmojiPredictor:
    """The predictor of a shipped model, of the model the app was started with, or of a visitor's model folder.

    Raises:
        InputError: where it cannot be loaded.
    """
    with _lock:
        if name in _cache:
            _cache.move_to_end(name)
            return _cache[name]
    loaded = EmojiPredictor.from_pretrained(name, word_vectors())
    with _lock:
        _cache[name] = loaded
        own = [other for other in _cache if other not in shipped_models()]
        for other in own[: max(0, len(own) - _KEPT)]:
            del _cache[other]
        if name in own and not os.path.lexists(name) and os.path.isabs(name):  # noqa: PTH117 - deleted meanwhile
            _cache.pop(name, None)
    return loaded


def forget(name: str) -> None:
    """Drops a predictor from memory."""
    with _lock:
        _cache.pop(name, None)


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
