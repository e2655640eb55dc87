import numpy as np
import pytest

from emoji_model import EmojiPredictor, everyday
from emoji_model.glove import WordVectors
from emoji_model.lesson import Lesson
from emoji_model.overlay import Overlay
from emoji_model.persistence import WEIGHTS, Model, ModelLabel, find_folder

SENTENCES = ["more pizza please", "pasta for dinner", "so many tears", "i am crying"] * 40
WORDS = ["pizza", "tears"]


def test_a_lesson_is_learned_and_only_the_chosen_words_get_vectors(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"UNITS": 8, "OWN_WIDTH": 4, "BATCH": 16}.items():
        monkeypatch.setattr(everyday, name, value)
    wanted = np.array([[1, 0], [1, 0], [0, 1], [0, 1]] * 40, np.float16)
    told: list[str] = []
    features = np.full((2, 4), 0.1, np.float32)
    own = Overlay(WORDS, features)
    course = everyday.Course(8, 2e-2)
    trained = everyday.learn(Lesson(SENTENCES, wanted, 160), own, vectors, 1, told.append, course)
    assert len(told) == 8
    still = everyday.learn(Lesson(SENTENCES, wanted, 160), trained, vectors, 1, told.append, everyday.Course(1, 1e-9))
    np.testing.assert_allclose(still.overlay.matrix, trained.overlay.matrix, atol=1e-3)
    for name, array in trained.network.weights.items():
        np.testing.assert_allclose(still.network.weights[name], array, atol=1e-3)
    assert set(trained.overlay.words) == set(WORDS)
    assert (trained.overlay.matrix != features).any()
    labels = (ModelLabel("🍕", "pizza"), ModelLabel("😢", "crying face"))
    predictor = EmojiPredictor(Model("tiny", trained.network, labels, overlay=trained.overlay), vectors)
    assert [p[0].emoji for p in predictor.predict_many(["noodles and pizza", "full of tears"], 1)] == ["🍕", "😢"]


def test_without_its_corpora_it_is_one_line_and_status_2(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    assert everyday.main(["--output", str(empty / "out"), "--public", str(empty)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "tweeteval_emoji" in line


def test_the_shipped_folder_is_small_and_its_figures_reach_what_they_must() -> None:
    folder = find_folder("everyday")
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 9_000_000
    assert (folder / WEIGHTS).is_file()
    model = EmojiPredictor.from_pretrained("everyday").model
    assert len(model.labels) == 341
    strangers = model.metrics["parts"]["strangers"]
    assert strangers["hit@1"] >= 0.70
    assert strangers["hit@5"] >= 0.90
    assert model.metrics["ece"] <= 0.05
    assert len(model.metrics["learning_curve"]) == 4


def test_the_shipped_figures_are_those_of_the_shipped_weights() -> None:
    predictor = EmojiPredictor.from_pretrained("everyday")
    from emoji_model import corpora
    from emoji_model.evaluation import evaluate

    dev = corpora.part("everyday_dev", "strangers")
    found = evaluate(predictor.probabilities(dev.sentences), [y.emoji for y in predictor.labels], dev)
    assert found.hits[1] == pytest.approx(predictor.model.metrics["parts"]["strangers"]["hit@1"], abs=0.003)
