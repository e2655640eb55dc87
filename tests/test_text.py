import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model import limits
from emoji_model.glove import WordVectors
from emoji_model.text import clean, tokenize, without_residue

CASES = {
    "I love you": "i love you",
    "I don't know, she's gone.": "i do n't know , she 's gone .",
    "DONT": "do n't",
    "I\u2019m \u201cfine\u201d": 'i \'m " fine "',
    "soooo happyyy": "so happy",
    "goooal": "goal",
    "hahahahaha": "haha",
    "lolololol": "lol",
    "idk tbh": "i do n't know to be honest",
    "#happyBirthday": "happy birthday",
    "#throwbackthursday": "throwback thursday",
    "wow!!!!!!": "wow ! ! !",
    "wait....": "wait ...",
    "see https://example.org/a?b=c now": "see http now",
    "well-known": "well-known",
    "café": "café",
    "it is 5pm": "it is 5 pm",
    "good🍕food": "good 🍕 food",
    "thanks 👍🏽": "thanks 👍",
    "my ❤️": "my ❤",
    "shook 🫨 and 🩷": "shook 🫨 and 🩷",
    "wow ‼️ it is №1 ™️": "wow ‼ it is no1 ™",
    "press 1️⃣": "press 1⃣",
    "a lone \ufe0f here": "a lone \ufe0f here",
    "y'all'd've": "you all 'd 've",
    "": "",
    "   \t\n ": "",
}


@pytest.mark.parametrize(("sentence", "expected"), CASES.items())
def test_tokens_are_cut_as_glove_was(vectors: WordVectors, sentence: str, expected: str) -> None:
    assert " ".join(token.text for token in tokenize(sentence, vectors)) == expected


def test_unknown_words_are_kept_and_marked(vectors: WordVectors) -> None:
    tokens = tokenize("i like zxqvw", vectors)
    assert [(token.text, token.known) for token in tokens] == [("i", True), ("like", True), ("zxqvw", False)]


def test_the_unfinished_last_word_is_completed_only_while_typing(vectors: WordVectors) -> None:
    typed = tokenize("we order piz", vectors, typing=True)[-1]
    assert (typed.text, typed.source, typed.completed, typed.known) == ("pizza", "piz", True, True)
    assert not tokenize("we order piz", vectors)[-1].completed
    assert not tokenize("we order piz ", vectors, typing=True)[-1].completed
    assert not tokenize("piz is good", vectors, typing=True)[0].completed


@pytest.mark.parametrize("word", ["sad", "happy", "lol", "omg", "the", "pi"])
def test_whole_words_are_not_completed(vectors: WordVectors, word: str) -> None:
    assert not any(token.completed for token in tokenize(word, vectors, typing=True))


@pytest.mark.parametrize("sentence", ["a" + "'s" * 999, "ﷺ" * 2_000, "⑴" * 2_000, "#" + "ab" * 900, "a-" * 999])
def test_long_and_odd_text_is_read_within_bounds(vectors: WordVectors, sentence: str) -> None:
    assert 0 < len(tokenize(sentence, vectors)) <= 2_000


def test_control_and_bidirectional_characters_are_not_read(vectors: WordVectors) -> None:
    assert [t.text for t in tokenize("a\x00b \u202elove\u202c\x1b", vectors)] == ["a", "b", "love"]


@given(st.text(max_size=300))
def test_any_text_gives_tokens_of_its_own_pieces(few_vectors: WordVectors, sentence: str) -> None:
    for typing in (False, True):
        text = clean(sentence)
        for token in tokenize(sentence, few_vectors, typing):
            assert token.text
            assert not token.text.isspace()
            assert token.source in text
            assert token.known == (few_vectors.rank(token.text) is not None)
            assert not token.completed or token.text.startswith(token.source.lower())


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing(sentence: str) -> None:
    assert clean(clean(sentence)) == clean(sentence)


@given(st.lists(st.sampled_from(["love", "pizza", "don't", "soooo", ",", "zzz", "❤️"]), max_size=12))
def test_blanks_make_no_difference(few_vectors: WordVectors, words: list[str]) -> None:
    once = [t.text for t in tokenize(" ".join(words), few_vectors)]
    assert once == [t.text for t in tokenize("  \n" + " \t ".join(words) + " ", few_vectors)]


def test_no_more_than_the_limit_is_read(few_vectors: WordVectors) -> None:
    tokens = tokenize("a " * limits.SENTENCE_CHARACTERS, few_vectors)
    assert len(tokens) == limits.SENTENCE_CHARACTERS // 2


@pytest.mark.parametrize(
    ("sentence", "bare"),
    [
        ("love you \ufe0f !", "love you !"), ("love\ufe0f", "love"), ("\ufe0f", ""), ("hot ☀\ufe0f", "hot ☀\ufe0f"),
        ("1\ufe0f\u20e3 first", "1\ufe0f\u20e3 first"), ("plain  text", "plain  text"), ("👍🏽\ufe0f", "👍🏽\ufe0f"),
    ],
)  # fmt: skip
def test_what_an_emoji_left_behind_can_be_taken_out(sentence: str, bare: str) -> None:
    assert without_residue(sentence) == bare
