import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoji_model import EmojiPredictor, InputError, Prediction
from emoji_model.architecture import Architecture, Layer
from emoji_model.glove import WordVectors
from emoji_model.persistence import Model
from tests.conftest import random_network


@pytest.fixture
def predictor(model: Model, vectors: WordVectors) -> EmojiPredictor:
    return EmojiPredictor(model, vectors)


def test_predictions_are_ranked_probabilities(predictor: EmojiPredictor) -> None:
    found = predictor.predict("I love pizza", top_k=3)
    assert all(isinstance(p, Prediction) for p in found)
    assert [p.confidence for p in found] == sorted((p.confidence for p in found), reverse=True)
    assert sum(p.confidence for p in found) == pytest.approx(1, abs=1e-5)
    assert predictor.predict("I love pizza", top_k=1) == found[:1]


def test_many_is_one_at_a_time(predictor: EmojiPredictor) -> None:
    sentences = ["i love you", "", "zxqvw", "we had pizza " * 30, "so sad", "the"] * 60
    together = predictor.predict_many(sentences, 3)
    assert len(together) == len(sentences)
    for sentence, found in zip(sentences[:6], together[:6], strict=True):
        alone = predictor.predict(sentence, 3)
        assert [p.emoji for p in alone] == [p.emoji for p in found]
        np.testing.assert_allclose([p.confidence for p in alone], [p.confidence for p in found], atol=1e-5)
    assert predictor.predict_many([]) == []


def test_it_abstains_where_nothing_is_known_unless_forced(predictor: EmojiPredictor) -> None:
    for sentence in ("", "   ", "zxqvw qqqzzx", "\ufe0f"):
        assert predictor.predict(sentence) == []
        assert len(predictor.predict(sentence, abstain=False)) == 3
    assert predictor.predict_many(["zxqvw", "love"])[0] == []


def test_it_abstains_below_the_threshold(model: Model, vectors: WordVectors) -> None:
    unsure = EmojiPredictor(replace(model, threshold=0.999), vectors)
    assert unsure.predict("i love pizza") == []
    assert not unsure.read("i love pizza").sure
    assert unsure.predict("i love pizza", abstain=False)


def test_calibration_changes_how_sure_it_is_and_nothing_else(model: Model, vectors: WordVectors) -> None:
    plain = EmojiPredictor(model, vectors).predict("i love pizza")
    bold = EmojiPredictor(replace(model, offset=2.0), vectors).predict("i love pizza")
    assert [p.emoji for p in plain] == [p.emoji for p in bold]
    assert bold[0].confidence > plain[0].confidence
    assert sum(p.confidence for p in bold) == pytest.approx(1, abs=1e-5)


def test_a_reading_shows_tokens_and_completion(predictor: EmojiPredictor) -> None:
    reading = predictor.read("i love zxqvw piz", typing=True)
    assert [t.known for t in reading.tokens] == [True, True, False, True]
    assert reading.tokens[-1].completed
    assert reading.sure


def test_the_trace_has_a_step_for_each_known_token(predictor: EmojiPredictor) -> None:
    traces = predictor.trace("i love zxqvw pizza")
    assert [t.states.shape for t in traces] == [(3, 8), (3, 6)]


@pytest.mark.parametrize("top_k", [0, -1, 51, 2.0, "5", None, True])
def test_a_wrong_top_k_is_refused(predictor: EmojiPredictor, top_k: object) -> None:
    with pytest.raises(InputError, match="top_k must be a whole number from 1 to 50"):
        predictor.predict("love", top_k)  # type: ignore[arg-type]


def test_what_is_no_text_is_refused(predictor: EmojiPredictor) -> None:
    with pytest.raises(InputError, match="Sentence 2 must be text"):
        predictor.predict_many(["love", None])  # type: ignore[list-item]
    with pytest.raises(InputError, match="takes a list"):
        predictor.predict_many("love")


def test_another_width_is_refused(model: Model, vectors: WordVectors) -> None:
    narrow = replace(model, network=random_network(Architecture(7, (Layer("gru", 4),), 3)))
    with pytest.raises(InputError, match="reads vectors of 7 numbers"):
        EmojiPredictor(narrow, vectors)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_answered(model: Model, few_vectors: WordVectors, sentence: str) -> None:
    found = EmojiPredictor(model, few_vectors).predict(sentence)
    assert all(0 <= p.confidence <= 1 for p in found)


def test_saving_goes_round(predictor: EmojiPredictor, tmp_path: Path) -> None:
    again = EmojiPredictor.from_pretrained(predictor.save_pretrained(tmp_path / "m"), predictor.vectors)
    assert again.predict("i love pizza") == predictor.predict("i love pizza")
    assert again.labels == predictor.labels


def test_predicting_never_imports_tensorflow() -> None:
    code = (
        "import sys, emoji_model\n"
        "p = emoji_model.EmojiPredictor.from_pretrained('classic')\n"
        "assert p.predict('i love you') and p.predict_many(['hello', 'so sad']) and p.trace('a b')\n"
        "print([m for m in ('tensorflow', 'keras', 'sklearn', 'gradio', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
