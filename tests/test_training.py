"""Training on a small task that can be learned: food or sadness, told apart by single words."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from emoji_model import EmojiPredictor, InputError, learning, training, transfer
from emoji_model.architecture import Layer
from emoji_model.baselines import measure_baselines
from emoji_model.dataset import Dataset
from emoji_model.glove import WordVectors
from emoji_model.labels import label_of
from emoji_model.options import ARCHITECTURES, EpochProgress, TrainingOptions
from emoji_model.persistence import find_folder, load_model, shipped_models

FOOD = ("pizza", "soup", "bread", "cheese", "rice", "cake", "salad", "pasta")
SAD = ("crying", "grief", "tears", "lonely", "sadness", "mourning", "hurt", "misery")
FRAMES = ("{} again", "so much {}", "there is {} today", "we had {} yesterday", "{} is all i know", "only {} and rain")
OPTIONS = TrainingOptions("lstm", "scratch", units=12, layers=1, dropout=0.0, epochs=12)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    pairs = [(frame.format(word), "🍴" if word in FOOD else "😓") for frame in FRAMES for word in (*FOOD, *SAD)]
    return Dataset(tuple(s for s, _ in pairs), tuple((label_of(y),) for _, y in pairs))


@pytest.fixture(scope="module")
def result(dataset: Dataset, vectors: WordVectors) -> training.TrainingResult:
    return training.fit(dataset, vectors, OPTIONS, name="tiny")


def test_it_learns(result: training.TrainingResult, vectors: WordVectors) -> None:
    predictor = EmojiPredictor(result.model, vectors)
    assert result.evaluation.accuracy >= 0.9
    assert predictor.predict("noodles", abstain=False)[0].emoji == "🍴"
    assert predictor.predict("she was weeping", abstain=False)[0].emoji == "😓"


def test_the_figures_are_of_sentences_held_out(result: training.TrainingResult, dataset: Dataset) -> None:
    assert result.trained_on + result.evaluation.n == len(dataset)
    assert result.tested_on == "held-out"
    assert result.model.metrics["accuracy"] == result.evaluation.accuracy
    assert 0.3 < result.baselines["largest class"]["accuracy"] < 0.7


def test_the_same_seed_gives_the_same_weights(
    result: training.TrainingResult, dataset: Dataset, vectors: WordVectors
) -> None:
    again = training.fit(dataset, vectors, OPTIONS, name="tiny")
    for name, array in result.model.network.weights.items():
        np.testing.assert_array_equal(again.model.network.weights[name], array)
    other = training.fit(dataset, vectors, replace(OPTIONS, seed=8, epochs=1, baselines=False))
    assert any((other.model.network.weights[k] != v).any() for k, v in result.model.network.weights.items())


def test_progress_is_told_and_training_can_be_stopped(dataset: Dataset, vectors: WordVectors) -> None:
    heard: list[EpochProgress] = []

    result = training.fit(
        dataset,
        vectors,
        replace(OPTIONS, baselines=False),
        on_epoch=heard.append,
        stop=lambda: len(heard) == 3,
    )
    assert [p.epoch for p in heard] == [1, 2, 3]
    assert tuple(heard) == result.history
    assert all(np.isfinite([p.loss, p.held_out_loss, p.seconds]).all() for p in heard)


def test_a_test_set_of_its_own_is_measured(dataset: Dataset, vectors: WordVectors) -> None:
    test = Dataset(("fresh noodles", "weeping"), ((label_of("🍴"),), (label_of("😓"),)))
    result = training.fit(dataset, vectors, replace(OPTIONS, epochs=2, baselines=False), test)
    assert (result.evaluation.n, result.tested_on) == (2, "test")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_saves_a_folder_that_predicts_as_keras_does(
    dataset: Dataset, vectors: WordVectors, tmp_path: Path, architecture: str
) -> None:
    options = replace(OPTIONS, architecture=architecture, epochs=1, baselines=False)
    result = training.fit(dataset, vectors, options, name="tiny")
    folder = training.save(result, tmp_path / "tiny")
    assert {p.name for p in folder.iterdir()} == {"config.json", "model.safetensors", "model.keras", "README.md"}
    assert_equals_keras(folder, vectors)


def assert_equals_keras(folder: Path | str, vectors: WordVectors) -> None:
    """A model folder's Keras file gives what its NumPy side gives before calibration."""
    model = replace(load_model(folder), slope=1.0, offset=0.0)
    predictor = EmojiPredictor(model, vectors)
    loaded = keras.models.load_model(find_folder(folder) / "model.keras")
    for sentence in ("pizza again", "so much grief and rain"):
        theirs = loaded(predictor.vectors_of(sentence)[None]).numpy()[0]
        np.testing.assert_allclose(predictor.probabilities([sentence])[0], theirs, atol=1e-5)


@pytest.mark.parametrize("name", shipped_models())
def test_the_shipped_networks_equal_keras(name: str, vectors: WordVectors) -> None:
    assert_equals_keras(name, vectors)


@pytest.fixture
def from_everyday() -> TrainingOptions:
    return TrainingOptions(epochs=6, baselines=False)


def test_few_sentences_teach_the_dense_layer_alone(
    dataset: Dataset, vectors: WordVectors, from_everyday: TrainingOptions, tmp_path: Path
) -> None:
    result = training.fit(dataset, vectors, from_everyday)
    base = load_model("everyday")
    for name, array in base.network.weights.items():
        if name.startswith("recurrent."):
            np.testing.assert_array_equal(result.model.network.weights[name], array)
    assert result.model.overlay is not None
    assert base.overlay is not None
    assert result.model.overlay.words == base.overlay.words
    assert result.evaluation.accuracy >= 0.9
    assert_equals_keras(training.save(result, tmp_path / "few"), vectors)


def test_many_sentences_teach_every_layer_and_word(
    dataset: Dataset, vectors: WordVectors, from_everyday: TrainingOptions, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(transfer, "MANY", 20)
    with_slang = Dataset((*dataset.sentences, *["zxqvw forever"] * 4), (*dataset.labels, *[(label_of("🍴"),)] * 4))
    result = training.fit(with_slang, vectors, replace(from_everyday, epochs=2))
    base = load_model("everyday")
    assert base.overlay is not None
    assert result.model.overlay is not None
    assert "zxqvw" in result.model.overlay.words
    row = result.model.overlay.words.index("pizza")
    assert (result.model.overlay.matrix[row] != base.overlay.matrix[base.overlay.words.index("pizza")]).any()
    assert_equals_keras(training.save(result, tmp_path / "many"), vectors)


def test_another_architecture_takes_the_everyday_words(
    dataset: Dataset, vectors: WordVectors, from_everyday: TrainingOptions
) -> None:
    result = training.fit(dataset, vectors, replace(from_everyday, architecture="gru", units=8, layers=1, epochs=1))
    assert result.model.network.architecture.layers == (Layer("gru", 8),)
    assert result.model.overlay is not None


def test_many_sentences_from_scratch_get_words_of_their_own(
    dataset: Dataset, vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MANY", 20)
    result = training.fit(dataset, vectors, replace(OPTIONS, epochs=1, baselines=False))
    assert result.model.overlay is not None
    assert result.model.overlay.width == transfer.OWN_WIDTH
    assert "pizza" in result.model.overlay.words


def test_the_articles_labels_keep_the_articles_order(vectors: WordVectors) -> None:
    symbols = ("🍴", "⚾", "❤️", "😁", "😓")
    sentences = [f"{word} {more}" for more in ("here", "there", "now", "then") for word in FOOD[:5]]
    labels = tuple((label_of(symbols[i % 5]),) for i in range(20))
    result = training.fit(Dataset(tuple(sentences), labels), vectors, replace(OPTIONS, epochs=1, baselines=False))
    assert [label.emoji for label in result.model.labels] == ["❤️", "⚾", "😁", "😓", "🍴"]


def test_rows_without_a_known_word_do_no_harm(dataset: Dataset, vectors: WordVectors) -> None:
    odd = Dataset((*dataset.sentences, "zxqvw", "qqzzxx", "vvxxzz"), (*dataset.labels, *([(label_of("🍴"),)] * 3)))
    result = training.fit(odd, vectors, replace(OPTIONS, epochs=2, baselines=False))
    assert all(np.isfinite(array).all() for array in result.model.network.weights.values())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"architecture": "transformer"}, "architecture must be one of"), ({"epochs": 0}, "Epochs must be from 1"),
        ({"start": "nowhere"}, "start must be one of"), ({"seed": -1}, "seed must be from 0"),
        ({"epochs": 10_000}, "Epochs must be from 1 to 60"), ({"held_out": 0.9}, "held-out share"),
    ],
)  # fmt: skip
def test_impossible_options_are_refused(
    dataset: Dataset, vectors: WordVectors, options: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        training.fit(dataset, vectors, replace(OPTIONS, **options))  # type: ignore[arg-type]


def test_nothing_known_is_refused(vectors: WordVectors) -> None:
    unknown = Dataset(("zxqvw", "qqzzxx", "vvxxzz", "zzqqvv"), tuple((label_of(y),) for y in "abab"))
    with pytest.raises(InputError, match="word that GloVe knows"):
        training.fit(unknown, vectors, OPTIONS)


def test_baselines_on_words_alone(dataset: Dataset) -> None:
    figures = measure_baselines(dataset, dataset)
    assert figures["TF-IDF + logistic regression"]["accuracy"] == 1
    assert figures["largest class"]["accuracy"] == 0.5


def test_very_many_sentences_get_a_linear_part_and_a_short_course(
    dataset: Dataset, vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (training, learning):
        monkeypatch.setattr(module, "PLENTY", 50)
    monkeypatch.setattr(transfer, "MANY", 50)
    marked = Dataset(tuple(s + " \ufe0f" * (n % 2) for n, s in enumerate(dataset.sentences)), dataset.labels)
    result = training.fit(marked, vectors, TrainingOptions(baselines=False, held_out=0.2))
    assert len(result.history) <= learning.EPOCHS
    assert result.model.ngrams is not None
    assert result.trained_on + result.evaluation.n == len(dataset)
    predictor = EmojiPredictor(result.model, vectors)
    assert predictor.predict("pizza", 1, abstain=False)[0].emoji == "🍴"


def test_what_an_emoji_left_behind_is_read_both_ways() -> None:
    data = Dataset(("so good \ufe0f", "so bad", "\ufe0f"), tuple((label_of(y),) for y in "❤😢❤"))
    both, rows = training._with_bare_copies(data, np.array([0, 1, 2]))
    assert both.sentences == (*data.sentences, "so good")
    assert both.labels[3] == data.labels[0]
    assert rows.tolist() == [0, 1, 2, 3]
