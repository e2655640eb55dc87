from pathlib import Path

import keras
import numpy as np
import pytest

from emoji_model import network
from emoji_model.architecture import Architecture, Layer
from emoji_model.batches import CorpusWords
from tests.conftest import random_network


@pytest.mark.parametrize(
    "layers",
    [(Layer("lstm", 6), Layer("lstm", 5)), (Layer("gru", 6, True),), (Layer("simple_rnn", 6), Layer("lstm", 4, True))],
)
def test_weights_go_round_through_keras(layers: tuple[Layer, ...]) -> None:
    architecture = Architecture(10, layers, 4)
    weights = random_network(architecture).weights
    model = network.build(architecture, dropout=0.5)
    network.import_weights(model, architecture, weights)
    again = network.export_weights(model, architecture)
    assert list(again) == list(architecture.shapes())
    for name, array in weights.items():
        np.testing.assert_array_equal(again[name], array)


@pytest.mark.parametrize("width", [0, 4])
@pytest.mark.parametrize("moves", [True, False])
def test_the_trained_model_shares_its_layers_and_freezes_glove(width: int, moves: bool) -> None:
    architecture = Architecture(50 + width, (Layer("lstm", 6),), 4)
    model = network.build(architecture)
    words = some_words(width)
    wrapped = network.trainable(model, words, np.ones(8, bool) if moves else None)
    rows = np.array([[1, 2, 3, 0], [4, 5, 6, 7]])
    matrix = np.concatenate([words.glove, words.own], axis=1)
    np.testing.assert_allclose(wrapped(rows).numpy(), model(matrix[rows]).numpy(), atol=1e-6)
    assert len(model.trainable_variables) == 5
    assert len(wrapped.trainable_variables) == 5 + (moves and width > 0)


def test_own_vectors_that_are_not_to_move_do_not() -> None:
    width = 4
    words = some_words(width)
    moving = np.array([True, False] * 4)
    model = network.trainable(network.build(Architecture(50 + width, (Layer("lstm", 6),), 2)), words, moving)
    model.compile(keras.optimizers.Adam(0.1), keras.losses.CategoricalCrossentropy())
    rows = np.arange(1, 9).reshape(2, 4)
    model.fit(rows, np.eye(2, dtype=np.float32), epochs=2, verbose=0)
    after = model.get_layer("own").get_weights()[0][1:]
    np.testing.assert_array_equal(after[~moving], words.own[1:][~moving])
    assert (np.abs(after[moving] - words.own[1:][moving]).max(axis=1) > 1e-3).all()


def some_words(width: int) -> CorpusWords:
    matrix = np.random.default_rng(0).normal(size=(9, 50 + width)).astype(np.float32)
    matrix[0] = 0
    return CorpusWords(tuple("abcdefgh"), matrix[:, :50], matrix[:, 50:], [])


def test_the_saved_model_loads_in_keras_without_custom_objects(tmp_path: Path) -> None:
    model = network.build(Architecture(10, (Layer("gru", 6, True), Layer("lstm", 5)), 4), dropout=0.3)
    model.save(tmp_path / "model.keras")
    vectors = np.random.default_rng(0).normal(size=(2, 5, 10)).astype(np.float32)
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert isinstance(again, keras.Sequential)
    np.testing.assert_allclose(again(vectors).numpy(), model(vectors).numpy(), atol=1e-6)
