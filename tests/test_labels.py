import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model.labels import ARTICLE_EMOJI, canonical_emoji, emoji_name, find_emoji, label_of

QUALIFIED = [e for e, facts in emoji.EMOJI_DATA.items() if facts["status"] == emoji.STATUS["fully_qualified"]]
TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("❤", "❤️"), ("❤️", "❤️"), (" ❤️ ", "❤️"), (":heart:", "❤️"), (":red_heart:", "❤️"), ("👍🏽", "👍"),
        (":thumbsup:", "👍"), ("⚾", "⚾"), ("⚾️", "⚾"), ("🏋🏿‍♀️", "🏋️‍♀️"), ("🇺🇸", "🇺🇸"), ("1️⃣", "1️⃣"), ("love", None),
        ("", None), ("❤️❤️", None), (":nosuchthing:", None), ("\ufe0f", None), ("1", None), ("🏽", None),
        (":United_States:", "🇺🇸"), (":RED_HEART:", "❤️"), ("🫱🏿‍🫲🏻", "🤝"), ("🧑🏻‍❤️‍💋‍🧑🏿", "💏"), ("👨🏻‍🤝‍👨🏿", "👬"),
    ],
)  # fmt: skip
def test_every_spelling_of_an_emoji_is_one_class(text: str, expected: str | None) -> None:
    assert canonical_emoji(text) == expected


@given(st.sampled_from(QUALIFIED))
def test_canonical_is_stable_and_ignores_the_selector(symbol: str) -> None:
    once = canonical_emoji(symbol)
    if once is None:  # a bare skin tone
        assert symbol in TONES
        return
    assert canonical_emoji(once) == once
    assert canonical_emoji(symbol.replace("\ufe0f", "")) == once


@given(st.sampled_from(QUALIFIED))
def test_shortcodes_as_the_package_writes_them_are_read(symbol: str) -> None:
    assert (canonical_emoji(emoji.demojize(symbol)) is None) == (canonical_emoji(symbol) is None)


@given(st.text(max_size=80))
def test_any_text_is_a_label_without_error(text: str) -> None:
    label = label_of(text)
    assert label == label_of(label.text)


def test_names_are_plain_words() -> None:
    assert [emoji_name(e) for e in ARTICLE_EMOJI] == [
        "red heart", "baseball", "beaming face with smiling eyes", "downcast face with sweat", "fork and knife",
    ]  # fmt: skip
    assert emoji_name("sports") == "sports"


def test_find_emoji_in_order() -> None:
    assert find_emoji("❤ and 👍🏽, then 🇺🇸") == ["❤️", "👍", "🇺🇸"]
    assert find_emoji("none") == []
