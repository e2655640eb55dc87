"""The Keras side of an `Architecture`: build it to train, move weights between Keras and NumPy.

Two models share their layers: the one that is trained looks up word rows itself, the one that is
saved as `model.keras` reads word vectors, a Sequential of built-in layers that loads anywhere.
"""

from collections.abc import Mapping

import keras
import numpy as np
import numpy.typing as npt

from emoji_model.architecture import Architecture, Layer
from emoji_model.batches import CorpusWords
from emoji_model.recurrent import Array

_CELLS = {"simple_rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def build(architecture: Architecture, dropout: float = 0.0) -> keras.Sequential:
    """A Sequential model from word vectors (batch, steps, inputs) to probabilities (batch, classes).

    Steps whose vector is all zeros are masked. Dropout goes before every layer.
    """
    model = keras.Sequential([keras.Input((None, architecture.inputs)), keras.layers.Masking(0.0)])
    for number, layer in enumerate(architecture.layers):
        if dropout:
            model.add(keras.layers.Dropout(dropout))
        model.add(_recurrent(layer, number, return_sequences=number < len(architecture.layers) - 1))
    if dropout:
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(architecture.classes, activation="softmax", name="dense"))
    return model


def trainable(model: keras.Sequential, words: CorpusWords, moving: npt.NDArray[np.bool_] | None = None) -> keras.Model:
    """The same layers behind a look-up of word vectors: (batch, steps) of rows in, probabilities out.

    Args:
        model: what `build` gives, for vectors as wide as those of `words`.
        words: the vectors; GloVe's stay as they are, a model's own are the weights of the layer "own".
        moving: of shape (words,), which of the model's own vectors learn; the others stay as they are, all if `None`.
    """
    rows = keras.Input((None,), dtype="int32")
    glove = keras.layers.Embedding(*words.glove.shape, mask_zero=True, trainable=False, name="glove")
    steps = glove(rows)
    glove.set_weights([words.glove])
    if words.own.shape[1]:
        own = keras.layers.Embedding(*words.own.shape, mask_zero=True, trainable=moving is not None, name="own")
        steps = keras.layers.Concatenate(name="words")([steps, own(rows)])
        own.set_weights([words.own])
        if moving is not None and not moving.all():
            own.embeddings_constraint = _Still(words.own, moving)
            own.embeddings.constraint = own.embeddings_constraint
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Masking):
            steps = layer(steps)
    return keras.Model(rows, steps)


class _Still(keras.constraints.Constraint):  # type: ignore[misc]
    """Puts back the vectors that are not to move after every step."""

    def __init__(self, matrix: Array, moving: npt.NDArray[np.bool_]) -> None:
        free = np.concatenate([[False], moving]).astype(np.float32)[:, None]
        self._free, self._still = keras.ops.convert_to_tensor(free), keras.ops.convert_to_tensor(matrix * (1 - free))

    def __call__(self, value: keras.KerasTensor) -> keras.KerasTensor:
        return value * self._free + self._still


def export_weights(model: keras.Sequential, architecture: Architecture) -> dict[str, Array]:
    """The arrays of a built model by the names of `architecture.shapes()`."""
    return {name: np.asarray(v.numpy(), np.float32) for name, v in _variables(model, architecture).items()}


def import_weights(model: keras.Sequential, architecture: Architecture, weights: Mapping[str, Array]) -> None:
    """Sets the arrays of a built model from those names."""
    for name, variable in _variables(model, architecture).items():
        variable.assign(weights[name])


def _variables(model: keras.Sequential, architecture: Architecture) -> dict[str, keras.Variable]:
    found: dict[str, keras.Variable] = {}
    for number, layer in enumerate(architecture.layers):
        recurrent = model.get_layer(f"recurrent_{number}")
        sides = [recurrent.forward_layer, recurrent.backward_layer] if layer.bidirectional else [recurrent]
        for direction, side in zip(layer.directions, sides, strict=True):
            cell = side.cell
            for part in ("kernel", "recurrent_kernel", "bias"):
                found[f"recurrent.{number}.{direction}.{part}"] = getattr(cell, part)
    dense = model.get_layer("dense")
    return found | {"dense.kernel": dense.kernel, "dense.bias": dense.bias}


def _recurrent(layer: Layer, number: int, return_sequences: bool) -> keras.layers.Layer:
    name = f"recurrent_{number}"
    if not layer.bidirectional:
        return _CELLS[layer.cell](layer.units, return_sequences=return_sequences, name=name)
    return keras.layers.Bidirectional(_CELLS[layer.cell](layer.units, return_sequences=return_sequences), name=name)
