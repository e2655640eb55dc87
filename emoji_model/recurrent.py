"""The forward pass of simple recurrent, LSTM and GRU networks in NumPy, on the weights Keras trained.

It gives what Keras gives (a test holds them equal within 1e-5 over every architecture) at a
fraction of the time, and on request the gates and states of every step, which Keras does not
expose. Training is not covered: gradients live in Keras alone.

Methods: Elman, "Finding structure in time", 1990 (simple recurrent network); Hochreiter and
Schmidhuber, "Long short-term memory", 1997; Gers et al., "Learning to forget", 2000 (forget gate);
Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014 (GRU, in the variant
that resets after the product, as Keras does); Schuster and Paliwal, 1997 (bidirectional).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from emoji_model import limits
from emoji_model.errors import InputError

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
"""How many blocks of `units` columns the kernel of each cell has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One recurrent layer: its cell (a key of `GATES`), its width, whether it reads both ways."""

    cell: str
    units: int
    bidirectional: bool = False

    @property
    def width(self) -> int:
        """How many numbers it gives at every step."""
        return self.units * (2 if self.bidirectional else 1)

    @property
    def directions(self) -> tuple[str, ...]:
        """The ways it reads a sentence."""
        return ("forward", "backward") if self.bidirectional else ("forward",)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A stack of recurrent layers over word vectors, and a dense layer over the last state.

    Attributes:
        inputs: numbers in a word vector.
        layers: the stack, first layer first; all but the last pass on every step.
        classes: width of the dense layer.
    """

    inputs: int
    layers: tuple[Layer, ...]
    classes: int

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every array that such a network has."""
        shapes: dict[str, tuple[int, ...]] = {}
        width = self.inputs
        for number, layer in enumerate(self.layers):
            columns = GATES[layer.cell] * layer.units
            for direction in layer.directions:
                prefix = f"recurrent.{number}.{direction}"
                shapes[f"{prefix}.kernel"] = (width, columns)
                shapes[f"{prefix}.recurrent_kernel"] = (layer.units, columns)
                shapes[f"{prefix}.bias"] = (2, columns) if layer.cell == "gru" else (columns,)
            width = layer.width
        return shapes | {"dense.kernel": (width, self.classes), "dense.bias": (self.classes,)}

    def to_dict(self) -> dict[str, Any]:
        """The form that stands in `config.json`."""
        layers = [{"cell": y.cell, "units": y.units, "bidirectional": y.bidirectional} for y in self.layers]
        return {"inputs": self.inputs, "layers": layers, "classes": self.classes}

    @classmethod
    def from_dict(cls, config: Any) -> "Architecture":
        """The architecture that a `config.json` describes.

        Raises:
            InputError: where a part is missing, of the wrong kind or beyond `limits`.
        """
        try:
            layers = tuple(Layer(str(y["cell"]), y["units"], bool(y["bidirectional"])) for y in config["layers"])
            architecture = cls(config["inputs"], layers, config["classes"])
        except (KeyError, TypeError) as error:
            raise InputError(f"The architecture lacks a part or has one of the wrong kind ({error}).") from None
        _between("inputs", architecture.inputs, 1, limits.MODEL_UNITS)
        _between("classes", architecture.classes, 2, limits.MODEL_CLASSES)
        _between("number of layers", len(layers), 1, limits.MODEL_LAYERS)
        for layer in layers:
            _between("units", layer.units, 1, limits.MODEL_UNITS)
            if layer.cell not in GATES:
                raise InputError(f"The cell must be one of {', '.join(GATES)}. Received: {layer.cell[:40]!r}.")
        return architecture


def _between(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"The architecture's {name} must be from {low} to {high:,}. Received: {str(value)[:40]}.")


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """What one direction of one layer did at every step, in reading order of the sentence.

    Attributes:
        layer: its number in the stack, from 0.
        direction: `"forward"` or `"backward"`.
        states: float32 of shape (steps, units), the hidden state after each word.
        gates: by name, float32 of shape (steps, units): LSTM `input`, `forget`, `candidate`,
            `output` and `cell` (the cell state); GRU `update`, `reset`, `candidate`; none for a simple RNN.
    """

    layer: int
    direction: str
    states: Array
    gates: Mapping[str, Array]


class RecurrentNetwork:
    """A recurrent network that only predicts.

    Args:
        architecture: what the network is made of.
        weights: its arrays, by the names and shapes of `architecture.shapes()`.

    Raises:
        InputError: where an array is missing, has another shape, or is not finite.
    """

    def __init__(self, architecture: Architecture, weights: Mapping[str, Array]) -> None:
        self.architecture = architecture
        self.weights = check_weights(architecture.shapes(), weights)

    def forward(self, vectors: Array) -> Array:
        """The logits of one sentence: (steps, inputs) in, (classes,) out; no step at all is allowed."""
        logits: Array = self._read(vectors[None], None, None)[0]
        return logits

    def forward_batch(self, vectors: Array, mask: Mask) -> Array:
        """The logits of many sentences.

        Args:
            vectors: float32 of shape (sentences, steps, inputs).
            mask: of shape (sentences, steps), false where a step is not read; the state is carried past it.

        Returns:
            float32 of shape (sentences, classes).
        """
        return self._read(vectors, mask, None)

    def trace(self, vectors: Array) -> list[LayerTrace]:
        """The states and gates of every layer and direction for one sentence of shape (steps, inputs)."""
        traces: list[LayerTrace] = []
        self._read(vectors[None], None, traces)
        return traces

    def _read(self, vectors: Array, mask: Mask | None, traces: list[LayerTrace] | None) -> Array:
        sequence = np.ascontiguousarray(vectors, np.float32)
        last = np.zeros((len(sequence), self.architecture.layers[-1].width), np.float32)
        if sequence.shape[1]:
            for number, layer in enumerate(self.architecture.layers):
                outputs, finals = [], []
                for direction in layer.directions:
                    states, gates = self._run(number, layer, direction, sequence, mask, traces is not None)
                    outputs.append(states)
                    finals.append(states[:, 0 if direction == "backward" else -1])
                    if traces is not None:
                        traces.append(LayerTrace(number, direction, states[0], {k: v[0] for k, v in gates.items()}))
                sequence = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=2)
                last = finals[0] if len(finals) == 1 else np.concatenate(finals, axis=1)
        logits: Array = last @ self.weights["dense.kernel"] + self.weights["dense.bias"]
        return logits

    def _run(
        self, number: int, layer: Layer, direction: str, sequence: Array, mask: Mask | None, traced: bool
    ) -> tuple[Array, dict[str, Array]]:
        """One direction of one layer: its states (sentences, steps, units) and, if traced, its gates."""
        prefix = f"recurrent.{number}.{direction}."
        kernel, recurrent, bias = (self.weights[prefix + part] for part in ("kernel", "recurrent_kernel", "bias"))
        sentences, steps, _ = sequence.shape
        input_bias = bias[0] if layer.cell == "gru" else bias
        projected = (sequence.reshape(-1, sequence.shape[2]) @ kernel + input_bias).reshape(sentences, steps, -1)
        states = np.empty((sentences, steps, layer.units), np.float32)
        state = np.zeros((sentences, layer.units), np.float32)
        cell = np.zeros_like(state)
        gates: dict[str, Array] = {}
        for step in range(steps) if direction == "forward" else range(steps - 1, -1, -1):
            x = projected[:, step]
            if layer.cell == "lstm":
                new, new_cell, found = _lstm_step(x + state @ recurrent, cell, layer.units)
            elif layer.cell == "gru":
                new, found = _gru_step(x, state @ recurrent + bias[1], state, layer.units)
                new_cell = cell
            else:
                new, new_cell, found = np.tanh(x + state @ recurrent), cell, {}
            if mask is not None:
                read = mask[:, step, None]
                new, new_cell = np.where(read, new, state), np.where(read, new_cell, cell)
            state, cell = new, new_cell
            states[:, step] = state
            if traced:
                for name, value in found.items():
                    gates.setdefault(name, np.empty_like(states))[:, step] = value
        return states, gates


def check_weights(shapes: Mapping[str, tuple[int, ...]], weights: Mapping[str, Array]) -> dict[str, Array]:
    """`weights` in float32, after a check that they are exactly those that `shapes` names.

    Raises:
        InputError: naming the array that is missing, too many, of another shape, or not finite.
    """
    for name in weights.keys() - shapes.keys():
        raise InputError(f"The weights hold an array the architecture does not have: {name[:80]!r}.")
    checked: dict[str, Array] = {}
    for name, shape in shapes.items():
        if name not in weights:
            raise InputError(f"The weights lack the array {name!r} of shape {shape}.")
        if weights[name].shape != shape:
            raise InputError(f"The array {name!r} must have the shape {shape}. Received: {weights[name].shape}.")
        checked[name] = np.ascontiguousarray(weights[name], np.float32)
        if not np.isfinite(checked[name]).all():
            raise InputError(f"The array {name!r} holds values that are not finite numbers.")
    return checked


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis, computed without overflow."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def _sigmoid(x: Array) -> Array:
    result: Array = np.tanh(x * np.float32(0.5)) * np.float32(0.5) + np.float32(0.5)
    return result


def _lstm_step(x: Array, cell: Array, units: int) -> tuple[Array, Array, dict[str, Array]]:
    gates = _sigmoid(x)
    take, keep, show = gates[:, :units], gates[:, units : 2 * units], gates[:, 3 * units :]
    candidate = np.tanh(x[:, 2 * units : 3 * units])
    cell = keep * cell + take * candidate
    found = {"input": take, "forget": keep, "candidate": candidate, "output": show, "cell": cell}
    return show * np.tanh(cell), cell, found


def _gru_step(x: Array, inner: Array, state: Array, units: int) -> tuple[Array, dict[str, Array]]:
    gates = _sigmoid(x[:, : 2 * units] + inner[:, : 2 * units])
    update, reset = gates[:, :units], gates[:, units:]
    candidate = np.tanh(x[:, 2 * units :] + reset * inner[:, 2 * units :])
    new = update * state + (1 - update) * candidate
    return new, {"update": update, "reset": reset, "candidate": candidate}
