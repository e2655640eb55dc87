from dataclasses import replace

import numpy as np
import pytest

from emoji_model import transfer
from emoji_model.architecture import Architecture, Layer
from emoji_model.dataset import Dataset
from emoji_model.glove import WordVectors
from emoji_model.labels import label_of
from emoji_model.options import TrainingOptions
from emoji_model.overlay import Overlay
from emoji_model.persistence import Model, ModelLabel
from tests.conftest import random_network

OWN = Overlay(["love", "zxqvw"], np.array([[1, 2], [3, 4]], np.float32))
LAYERS = (Layer("lstm", 5, True),)


@pytest.fixture
def base() -> Model:
    network = random_network(Architecture(52, LAYERS, 3))
    labels = (ModelLabel("❤️", "red heart"), ModelLabel("🍕", "pizza"), ModelLabel("😢", "crying face"))
    return Model("base", network, labels, overlay=OWN)


def test_the_same_kind_takes_the_bases_layers_and_another_keeps_its_own(base: Model) -> None:
    options = TrainingOptions("bilstm", units=9, layers=2)
    assert transfer.architecture(options, 4, 52, base) == Architecture(52, LAYERS, 4)
    assert transfer.architecture(replace(options, architecture="gru"), 4, 52, base).layers == (Layer("gru", 9),) * 2
    assert transfer.architecture(options, 4, 50, None).layers == (Layer("lstm", 9, True),) * 2


def test_layers_and_known_classes_begin_as_the_bases(base: Model) -> None:
    architecture = Architecture(52, LAYERS, 4)
    labels = [label_of(y) for y in ("🐶", "😢", "sad", "❤️")]
    fresh = dict(random_network(architecture, seed=9).weights)
    begun = transfer.begin_from(base, fresh, architecture, labels)
    for name, array in base.network.weights.items():
        if name.startswith("recurrent."):
            np.testing.assert_array_equal(begun[name], array)
    kernel, bias = base.network.weights["dense.kernel"], base.network.weights["dense.bias"]
    np.testing.assert_array_equal(begun["dense.kernel"][:, [1, 3]], kernel[:, [2, 0]])
    np.testing.assert_array_equal(begun["dense.bias"], [0, bias[2], 0, bias[0]])
    np.testing.assert_array_equal(begun["dense.kernel"][:, [0, 2]], fresh["dense.kernel"][:, [0, 2]])


def test_other_layers_begin_anew(base: Model) -> None:
    architecture = Architecture(52, (Layer("gru", 5),), 3)
    fresh = dict(random_network(architecture).weights)
    assert transfer.begin_from(base, fresh, architecture, [label_of("❤️")] * 3) is fresh


def many(sentence: str, count: int) -> Dataset:
    return Dataset((sentence,) * count, ((label_of("❤️"),),) * count)


def test_few_sentences_keep_the_words_and_many_add_those_that_recur(vectors: WordVectors, base: Model) -> None:
    few = transfer.vocabulary(many("qqzzxx love", 10), vectors, base)
    assert few.overlay is OWN
    assert transfer.vocabulary(many("qqzzxx love", 10), vectors, None).overlay is None
    grown = transfer.vocabulary(many("qqzzxx love", transfer.MANY), vectors, base).overlay
    assert grown is not None
    assert grown.words == ("love", "zxqvw", "qqzzxx")
    np.testing.assert_array_equal(grown.matrix, [[1, 2], [3, 4], [0, 0]])
    alone = transfer.vocabulary(many("qqzzxx love", transfer.MANY), vectors, None).overlay
    assert alone is not None
    assert (alone.words, alone.width) == (("qqzzxx",), transfer.OWN_WIDTH)


def test_what_was_learned_replaces_what_was_there() -> None:
    after = transfer.learned(OWN, ["zxqvw", "new"], np.array([[9, 9], [8, 8]], np.float32))
    assert after.words == ("love", "zxqvw", "new")
    np.testing.assert_array_equal(after.matrix, [[1, 2], [9, 9], [8, 8]])
