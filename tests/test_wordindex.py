from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model.wordindex import WordIndex

WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6), min_size=1, unique=True)


@given(WORDS, st.text(st.characters(exclude_categories=["Cs"]), max_size=3))
def test_find_and_complete_agree_with_a_plain_search(words: list[str], prefix: str) -> None:
    index = WordIndex.build(words)
    assert [index.find(word) for word in words] == list(range(len(words)))
    assert index.complete(prefix) == next((word for word in words if word.startswith(prefix)), None)


def test_unknown_words_are_none() -> None:
    index = WordIndex.build(["b", "a"])
    assert index.find("c") is None
    assert index.find("") is None
    assert index.find("\ud800") is None
    assert index.complete("zz") is None


def test_the_cache_is_written_once_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "words"
    source.write_text("x")
    calls: list[int] = []

    def words() -> list[str]:
        calls.append(1)
        return ["b", "a"]

    first, second = WordIndex.cached(source, words), WordIndex.cached(source, words)
    assert len(calls) == 1
    assert first.find("a") == second.find("a") == 1
    (entry,) = (tmp_path / "cache" / "emoji-model").iterdir()
    entry.write_bytes(b"damaged")
    assert WordIndex.cached(source, words).find("b") == 0
    assert len(calls) == 2


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert WordIndex.cached(blocked, lambda: ["a"]).find("a") == 0
