import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from emoji_model.dataset import Dataset
from emoji_model.evaluation import calibration_error, evaluate, wilson_interval
from emoji_model.labels import label_of

LABELS = ["❤️", "⚾", "😁", "😓", "🍴", "🍕"]


def dataset(gold: list[str]) -> Dataset:
    return Dataset(tuple(f"s{i}" for i in range(len(gold))), tuple(tuple(label_of(x) for x in g.split()) for g in gold))


def test_figures_by_hand() -> None:
    scores = np.array([[0.6, 0.3, 0.1, 0, 0, 0], [0.5, 0.4, 0.1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4, 0, 0],
                       [0.3, 0.25, 0.2, 0.15, 0.08, 0.02]], np.float32)  # fmt: skip
    figures = evaluate(scores, LABELS, dataset(["❤️", "⚾", "😁 😓", "🍕"]))
    assert figures.hits == {1: 0.5, 3: 0.75, 5: 0.75}
    assert figures.accuracy == 0.5
    assert figures.n == 4
    assert sum(map(sum, figures.confusion)) == 4


def test_any_accepted_emoji_in_any_spelling_counts() -> None:
    scores = np.array([[0.9, 0.1]], np.float32)
    assert evaluate(scores, ["❤", "👍🏽"], dataset(["👍 ❤️"])).accuracy == 1
    assert evaluate(scores, ["👍", "x"], dataset(["👍🏿"])).accuracy == 1


def test_a_label_the_model_lacks_is_a_miss() -> None:
    figures = evaluate(np.array([[0.9, 0.1], [0.2, 0.8]], np.float32), ["❤️", "⚾"], dataset(["🦖", "⚾"]))
    assert figures.accuracy == 0.5
    assert [c.label for c in figures.classes] == ["⚾", "🦖"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40))
def test_accuracy_and_macro_f1_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    gold, guess = [g for g, _ in pairs], [p for _, p in pairs]
    scores = np.eye(6, dtype=np.float32)[guess]
    figures = evaluate(scores, LABELS, dataset([LABELS[g] for g in gold]))
    assert figures.accuracy == pytest.approx(np.mean([g == p for g, p in pairs]))
    assert figures.macro_f1 == pytest.approx(
        f1_score(gold, guess, labels=sorted(set(gold)), average="macro", zero_division=0)
    )
    assert figures.hits[1] <= figures.hits[3] <= figures.hits[5]
    assert 0 <= figures.ece <= 1


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.9] * 10 + [0.6] * 10, np.float32)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    assert calibration_error(confidence, right, bins=2) == pytest.approx(0.15, abs=1e-6)
    assert calibration_error(np.ones(7, np.float32), np.ones(7, bool)) == pytest.approx(0)


def test_wilson_interval_is_the_published_one() -> None:
    assert wilson_interval(8, 10) == pytest.approx((0.4901, 0.9433), abs=1e-3)
    low, high = wilson_interval(50, 50)
    assert 0.92 < low < high == pytest.approx(1)
