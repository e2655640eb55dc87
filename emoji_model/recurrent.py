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

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from emoji_model.architecture import Architecture, Layer
from emoji_model.errors import InputError

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


_BLAS = ThreadpoolController()


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
        self._stacks = [self._stacked(number, layer) for number, layer in enumerate(architecture.layers)]

    def forward(self, vectors: Array) -> Array:
        """The logits of one sentence: (steps, inputs) in, (classes,) out; no step at all is allowed."""
        with _BLAS.limit(
            limits=1, user_api="blas"
        ):  # on a busy machine, threads that wait for each other take 30 times as long
            logits: Array = self._answer(self._read(vectors[None], None, None))[0]
        return logits

    def forward_batch(self, vectors: Array, mask: Mask) -> Array:
        """The logits of many sentences.

        Args:
            vectors: float32 of shape (sentences, steps, inputs).
            mask: of shape (sentences, steps), false where a step is not read; the state is carried past it.

        Returns:
            float32 of shape (sentences, classes).
        """
        return self._answer(self._read(vectors, mask, None))

    def trace(self, vectors: Array) -> list[LayerTrace]:
        """The states and gates of every layer and direction for one sentence of shape (steps, inputs)."""
        traces: list[LayerTrace] = []
        self._read(vectors[None], None, traces)
        return traces

    def _answer(self, last: Array) -> Array:
        logits: Array = last @ self.weights["dense.kernel"] + self.weights["dense.bias"]
        return logits

    def _stacked(self, number: int, layer: Layer) -> tuple[Array, Array, Array, Array]:
        """Kernel, recurrent kernel, input bias and recurrent bias, the directions of a layer along the first axis."""
        kernel, recurrent, bias = (
            np.stack([self.weights[f"recurrent.{number}.{direction}.{part}"] for direction in layer.directions])
            for part in ("kernel", "recurrent_kernel", "bias")
        )
        if layer.cell == "gru":
            return kernel, recurrent, bias[:, None, 0], bias[:, None, 1]
        return kernel, recurrent, bias[:, None], bias[:, None]  # the last one is the GRU's alone

    def _read(self, vectors: Array, mask: Mask | None, traces: list[LayerTrace] | None) -> Array:
        """The last state of each direction of the last layer, (sentences, width); zeros where there is no step."""
        sequence = np.ascontiguousarray(vectors, np.float32)
        if not sequence.shape[1]:
            return np.zeros((len(sequence), self.architecture.layers[-1].width), np.float32)
        for number, layer in enumerate(self.architecture.layers):
            states, gates = self._run(number, layer, sequence, mask, traces is not None)
            if traces is not None:
                traces += [
                    LayerTrace(number, direction, states[at, 0], {name: gate[at, 0] for name, gate in gates.items()})
                    for at, direction in enumerate(layer.directions)
                ]
            sequence = states[0] if len(states) == 1 else np.concatenate(list(states), axis=2)
        return np.concatenate([y[:, -1 if at == 0 else 0] for at, y in enumerate(states)], axis=1)

    def _run(
        self, number: int, layer: Layer, sequence: Array, mask: Mask | None, traced: bool
    ) -> tuple[Array, dict[str, Array]]:
        """The states of one layer, (directions, sentences, steps, units) in reading order, and if traced its gates.

        Both directions advance in one step of the loop: half the calls, which at this size are most of the time.
        """
        kernel, recurrent, bias, inner_bias = self._stacks[number]
        sentences, steps, inputs = sequence.shape
        ways = len(kernel)
        projected = (sequence.reshape(1, -1, inputs) @ kernel + bias).reshape(ways, sentences, steps, -1)
        projected = np.ascontiguousarray(_in_time(projected).transpose(2, 0, 1, 3))
        read = None if mask is None else _in_time(np.stack([mask] * ways)).transpose(2, 0, 1)[..., None]
        states = np.empty((steps, ways, sentences, layer.units), np.float32)
        state = np.zeros(states.shape[1:], np.float32)
        cell = np.zeros_like(state)
        gates: dict[str, Array] = {}
        for step in range(steps):
            x = projected[step]
            if layer.cell == "lstm":
                new, new_cell, found = _lstm_step(x + state @ recurrent, cell, layer.units)
            elif layer.cell == "gru":
                new, found = _gru_step(x, state @ recurrent + inner_bias, state, layer.units)
                new_cell = cell
            else:
                new, new_cell, found = np.tanh(x + state @ recurrent), cell, {}
            if read is not None:
                new, new_cell = np.where(read[step], new, state), np.where(read[step], new_cell, cell)
            state, cell = new, new_cell
            states[step] = state
            if traced:
                for name, value in found.items():
                    gates.setdefault(name, np.empty_like(states))[step] = value
        shown = {name: _in_time(gate.transpose(1, 2, 0, 3)) for name, gate in gates.items()}
        return _in_time(states.transpose(1, 2, 0, 3)), shown


def _in_time(values: Array) -> Array:
    """(directions, sentences, steps, ...) with the steps of the second direction, which reads backwards, turned round."""
    return values if len(values) == 1 else np.stack([values[0], values[1][:, ::-1]])


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
    take, keep, show = gates[..., :units], gates[..., units : 2 * units], gates[..., 3 * units :]
    candidate = np.tanh(x[..., 2 * units : 3 * units])
    cell = keep * cell + take * candidate
    found = {"input": take, "forget": keep, "candidate": candidate, "output": show, "cell": cell}
    return show * np.tanh(cell), cell, found


def _gru_step(x: Array, inner: Array, state: Array, units: int) -> tuple[Array, dict[str, Array]]:
    gates = _sigmoid(x[..., : 2 * units] + inner[..., : 2 * units])
    update, reset = gates[..., :units], gates[..., units:]
    candidate = np.tanh(x[..., 2 * units :] + reset * inner[..., 2 * units :])
    new = update * state + (1 - update) * candidate
    return new, {"update": update, "reset": reset, "candidate": candidate}
