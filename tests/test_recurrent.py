"""The NumPy forward pass against Keras, over every architecture, and by property."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoji_model.architecture import Architecture, Layer
from emoji_model.errors import InputError
from emoji_model.recurrent import RecurrentNetwork, softmax
from tests.conftest import random_network
from tests.test_architecture import ARCHITECTURES, describe


def batch(lengths: list[int], inputs: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Random vectors, zero past each sentence's end, and the mask."""
    vectors = np.random.default_rng(seed).normal(size=(len(lengths), max([*lengths, 1]), inputs)).astype(np.float32)
    mask = np.arange(vectors.shape[1]) < np.array(lengths)[:, None]
    return vectors * mask[:, :, None], mask


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=describe)
def test_equal_to_keras(architecture: Architecture) -> None:
    from emoji_model import network

    numpy_side = random_network(architecture)
    keras_side = network.build(architecture)
    network.import_weights(keras_side, architecture, numpy_side.weights)
    vectors, mask = batch([1, 2, 3, 7, 8, 12, 20, 31, 45, 60, 0], architecture.inputs)
    ours = softmax(numpy_side.forward_batch(vectors, mask))
    theirs = keras_side(vectors).numpy()
    np.testing.assert_allclose(ours[:-1], theirs[:-1], atol=1e-5)
    # a row with no known token: the state is still zero, so the answer is the dense layer's bias
    np.testing.assert_allclose(ours[-1], softmax(numpy_side.weights["dense.bias"]), atol=1e-6)
    for row, length in enumerate(mask.sum(axis=1)):
        alone = softmax(numpy_side.forward(vectors[row, :length]))
        np.testing.assert_allclose(alone, ours[row], atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=describe)
def test_equal_to_keras_with_gaps_in_the_mask(architecture: Architecture) -> None:
    from emoji_model import network

    numpy_side = random_network(architecture, seed=3)
    keras_side = network.build(architecture)
    network.import_weights(keras_side, architecture, numpy_side.weights)
    random = np.random.default_rng(5)
    vectors = random.normal(size=(8, 13, architecture.inputs)).astype(np.float32)
    mask = random.random((8, 13)) < 0.6
    mask[:, 4] = True
    vectors *= mask[:, :, None]
    ours = softmax(numpy_side.forward_batch(vectors, mask))
    np.testing.assert_allclose(ours, keras_side(vectors).numpy(), atol=1e-5)


@settings(max_examples=60)
@given(
    st.sampled_from(ARCHITECTURES),
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
    st.integers(0, 2**16),
    st.floats(0.01, 30),
)
def test_any_weights_lengths_and_padding_give_finite_and_equal_rows(
    architecture: Architecture, lengths: list[int], seed: int, scale: float
) -> None:
    network = random_network(architecture, seed, scale)
    vectors, mask = batch(lengths, architecture.inputs, seed)
    together = network.forward_batch(vectors, mask)
    assert together.shape == (len(lengths), architecture.classes)
    assert np.isfinite(together).all()
    np.testing.assert_allclose(softmax(together).sum(axis=1), 1, atol=1e-5)
    wider = np.concatenate([vectors, np.zeros((len(lengths), 3, architecture.inputs), np.float32)], axis=1)
    padded = network.forward_batch(wider, np.pad(mask, ((0, 0), (0, 3))))
    np.testing.assert_allclose(together, padded, atol=1e-4 * max(1, scale))


def test_the_trace_explains_the_states() -> None:
    architecture = Architecture(10, (Layer("lstm", 7, True), Layer("gru", 6)), 5)
    network = random_network(architecture)
    vectors, _ = batch([9], 10)
    first, back, second = network.trace(vectors[0])
    assert [(t.layer, t.direction) for t in (first, back, second)] == [(0, "forward"), (0, "backward"), (1, "forward")]
    gates = first.gates
    assert set(gates) == {"input", "forget", "candidate", "output", "cell"}
    np.testing.assert_allclose(first.states, gates["output"] * np.tanh(gates["cell"]), atol=1e-6)
    before = np.vstack([np.zeros((1, 7), np.float32), gates["cell"][:-1]])
    np.testing.assert_allclose(gates["cell"], gates["forget"] * before + gates["input"] * gates["candidate"], atol=1e-6)
    states = np.vstack([np.zeros((1, 6), np.float32), second.states])
    update, candidate = second.gates["update"], second.gates["candidate"]
    np.testing.assert_allclose(second.states, update * states[:-1] + (1 - update) * candidate, atol=1e-6)
    logits = second.states[-1] @ network.weights["dense.kernel"] + network.weights["dense.bias"]
    np.testing.assert_allclose(network.forward(vectors[0]), logits, atol=1e-5)


def test_an_empty_sentence_has_an_empty_trace() -> None:
    assert random_network(ARCHITECTURES[0]).trace(np.zeros((0, 10), np.float32)) == []


def test_wrong_weights_are_refused() -> None:
    architecture = Architecture(10, (Layer("lstm", 7),), 5)
    weights = dict(random_network(architecture).weights)
    for wrong, says in [
        ({k: v for k, v in weights.items() if k != "dense.bias"}, "lack the array 'dense.bias'"),
        (weights | {"extra": weights["dense.bias"]}, "does not have: 'extra'"),
        (weights | {"dense.bias": np.zeros(4, np.float32)}, "must have the shape"),
        (weights | {"dense.bias": np.full(5, np.nan, np.float32)}, "not finite"),
    ]:
        with pytest.raises(InputError, match=says):
            RecurrentNetwork(architecture, wrong)
