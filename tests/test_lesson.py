from pathlib import Path

import numpy as np
import pytest

from emoji_model import corpora
from emoji_model import lesson as lessons
from emoji_model.dataset import Dataset
from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.labels import label_of

OURS = Dataset(("we ate pizza again today", "so sad"), ((label_of("🍕"), label_of("😋")), (label_of("😢"),)))
FLAT = ["the second column"]
PUBLIC = ["hello there"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[str]]]:
    """What the teacher is asked, in place of the teacher, who answers the first class to everything."""
    calls: list[tuple[list[str], list[str]]] = []

    def teach(_: object, labelled: list[str], gold: np.ndarray, unlabelled: list[str], seed: int) -> list[np.ndarray]:
        calls.append((labelled, unlabelled))
        return [np.eye(1, gold.shape[1]).repeat(len(some), axis=0) for some in (labelled, unlabelled)]

    monkeypatch.setattr(lessons, "apart", teach)
    return calls


def test_a_lesson_mixes_labels_with_the_teacher_and_repeats_what_matters(asked: list[object]) -> None:
    taught = lessons.lesson(OURS, [1, 3], FLAT, PUBLIC, 7, None)
    assert len(asked) == 1
    own = 1 + 3 + lessons.FLAT_REPEATS
    assert taught.sentences[:4] == ["we ate pizza again today", "so sad", "so sad", "so sad"]
    assert taught.sentences[own] == "hello there"
    assert (
        taught.sentences[own + 1].split()
        == ["we", "ate", "pizza", "again", "today"][: len(taught.sentences[own + 1].split())]
    )
    np.testing.assert_allclose(taught.wanted.sum(axis=1, dtype=np.float32), 1, atol=2e-3)
    labels = [label.text for label in lessons.classes(OURS)]
    sad = taught.wanted[1][labels.index("😢")]
    assert sad == pytest.approx(1 - lessons.TEACHER_SHARE * (labels[0] != "😢"), abs=1e-3)
    np.testing.assert_allclose(taught.wanted[4], 1 / len(labels), atol=1e-3)


def test_the_last_lesson_is_ours_and_what_is_hard(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    taught = lessons.lesson(OURS, [1, 3], FLAT, PUBLIC, 7, None)
    hard = Dataset(("not sad at all",), ((label_of("🍕"),),))
    monkeypatch.setattr(corpora, "labelled", lambda _: hard)
    last = taught.last(lessons.classes(OURS))
    assert last.sentences == taught.sentences[: taught.ours] + ["not sad at all"] * lessons.HARD_REPEATS
    np.testing.assert_allclose(last.wanted.sum(axis=1, dtype=np.float32), 1, atol=2e-3)


def test_the_cache_is_used_only_for_the_same_sentences_labels_and_seed(asked: list[object], tmp_path: Path) -> None:
    cache = tmp_path / "answers"
    first = lessons.lesson(OURS, [1, 1], FLAT, PUBLIC, 7, cache)
    again = lessons.lesson(OURS, [1, 1], FLAT, PUBLIC, 7, cache)
    assert len(asked) == 1
    np.testing.assert_array_equal(first.wanted, again.wanted)
    with pytest.raises(InputError, match="another seed"):
        lessons.lesson(OURS, [1, 1], FLAT, PUBLIC, 8, cache)
    with pytest.raises(InputError, match="other sentences"):
        lessons.lesson(OURS, [1, 1], FLAT, ["hello you"], 7, cache)


def test_beginnings_are_beginnings_of_the_longer_sentences() -> None:
    random = np.random.default_rng(0)
    sentences = ["a b c d e f", "too short now", "one two three four"]
    for _ in range(20):
        long, other = lessons.beginnings(sentences, random)
        assert "a b c d e f".startswith(long)
        assert 2 <= len(long.split()) <= 5
        assert "one two three four".startswith(other)


def test_the_vocabulary_holds_all_of_ours_and_the_publics_frequent_words(vectors: WordVectors) -> None:
    words = lessons.vocabulary(["so happy"], ["rare often"] + ["often"] * (lessons.PUBLIC_COUNT - 1), vectors)
    assert words == ["so", "happy", "often"]


def test_all_our_corpora_are_one_and_every_sentence_has_its_number_of_repeats() -> None:
    ours, repeats = lessons.our_sentences()
    assert len(ours) == len(repeats)
    assert set(repeats) == set(lessons.REPEATS.values())
