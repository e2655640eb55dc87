"""What a network begins from: the layers, the classes and the word vectors that the everyday network already has.

Method: Felbo et al., "Using millions of emoji occurrences to learn any-domain representations for
detecting sentiment, emotion and sarcasm", 2017.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emoji_model.architecture import Architecture, Layer
from emoji_model.dataset import Dataset
from emoji_model.glove import WordVectors
from emoji_model.labels import Label
from emoji_model.options import TrainingOptions
from emoji_model.overlay import ModelWords, Overlay
from emoji_model.persistence import Model
from emoji_model.recurrent import Array
from emoji_model.text import tokenize

BASE = "everyday"
"""The shipped model that training begins from, unless from scratch."""
MANY = 2_000
"""From so many sentences on, word vectors learn too; with fewer they would only learn the sentences by heart."""
OWN_WIDTH = 32
"""Numbers in the own vectors of a network that begins from scratch with many sentences."""
NEW_WORD = 3
"""How often a word that GloVe lacks must occur to get a vector of its own."""


def architecture(options: TrainingOptions, classes: int, inputs: int, base: Model | None) -> Architecture:
    """The layers that were asked for: the base's own where they are of that kind, else new ones."""
    bidirectional = options.architecture == "bilstm"
    layers = (Layer("lstm" if bidirectional else options.architecture, options.units, bidirectional),) * options.layers
    own = base.network.architecture.layers if base else layers
    return Architecture(inputs, own if _kinds(own) == _kinds(layers[: len(own)]) else layers, classes)


def begin_from(
    base: Model, weights: dict[str, Array], layers: Architecture, labels: Sequence[Label]
) -> dict[str, Array]:
    """New weights with what `base` knows in their place: its layers, if they are the same, and the classes it has too."""
    if layers.layers != base.network.architecture.layers:
        return weights
    known = {label.emoji: column for column, label in enumerate(base.labels)}
    kernel, bias = weights["dense.kernel"].copy(), np.zeros_like(weights["dense.bias"])
    for column, label in enumerate(labels):
        if label.emoji in known:
            kernel[:, column] = base.network.weights["dense.kernel"][:, known[label.emoji]]
            bias[column] = base.network.weights["dense.bias"][known[label.emoji]]
    recurrent = {name: base.network.weights[name] for name in weights if name.startswith("recurrent.")}
    return weights | recurrent | {"dense.kernel": kernel, "dense.bias": bias}


def vocabulary(train: Dataset, vectors: WordVectors, base: Model | None) -> ModelWords:
    """GloVe and the base's own words; with many sentences also new own vectors for words that GloVe lacks."""
    start = base.overlay if base else None
    if len(train) < MANY:
        return ModelWords(vectors, start)
    words = ModelWords(vectors, start)
    counts = Counter(t.text for sentence in train.sentences for t in tokenize(sentence, words) if not t.known)
    new = [word for word, count in counts.items() if count >= NEW_WORD]
    before = start or Overlay([], np.zeros((0, OWN_WIDTH), np.float32))
    return ModelWords(vectors, Overlay([*before.words, *new], np.pad(before.matrix, ((0, len(new)), (0, 0)))))


def learned(start: Overlay, words: Sequence[str], matrix: Array) -> Overlay:
    """The own vectors after training: those of the `words` that occurred, and of the others as they were."""
    every = dict(zip(start.words, start.matrix, strict=True)) | dict(zip(words, matrix, strict=True))
    return Overlay(list(every), np.stack(list(every.values())))


def _kinds(layers: Sequence[Layer]) -> list[Layer]:
    return [replace(layer, units=0) for layer in layers]
