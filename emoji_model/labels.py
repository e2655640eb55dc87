"""Emoji and their names: what a label of a CSV means, and which spellings are one class.

An emoji is one class with or without U+FE0F and in any skin tone; names are those of Unicode's
CLDR, through the package `emoji`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import emoji

ARTICLE_EMOJI = ("❤️", "⚾", "😁", "😓", "🍴")
"""The article's five-emoji dictionary: the integers 0 to 4 of its CSVs."""

_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_TONE_NAMES = re.compile("(_person_person)?(_(medium-)?(light|medium|dark)_skin_tone)+")
_SHORTCODE = re.compile(r"^:[\w\-+&.’'“”()!#*,]+:$")


@dataclass(frozen=True, slots=True)
class Label:
    """One class as people see it.

    Attributes:
        text: what the CSV says, canonical: a fully-qualified emoji, or the short word itself.
        emoji: the emoji shown for it; the word itself where the label is no emoji.
        name: the CLDR name of the emoji, or the word.
    """

    text: str
    emoji: str
    name: str


@lru_cache(maxsize=10_000)
def canonical_emoji(text: str) -> str | None:
    """The fully-qualified, untoned form of the one emoji that `text` is; `None` where it is not one.

    `"❤"`, `"❤️"` and `":heart:"` give `"❤️"`; `"👍🏽"` gives `"👍"`.
    """
    text = text.strip()
    if _SHORTCODE.match(text):
        for spelling in (text, text.lower()):
            text = emoji.emojize(emoji.emojize(spelling, language="alias"))
            if text != spelling:
                break
    bare = _TONES.sub("", text).replace("\ufe0f", "").replace("\ufe0e", "")
    if not bare:
        return None
    return _by_bare_form().get(bare)


@lru_cache(maxsize=1)
def _by_bare_form() -> dict[str, str]:
    fully_qualified = [e for e, facts in emoji.EMOJI_DATA.items() if facts["status"] == emoji.STATUS["fully_qualified"]]
    forms = {symbol.replace("\ufe0f", ""): symbol for symbol in fully_qualified}
    for symbol in fully_qualified:  # two people in two tones are written otherwise than in one: only the name tells
        bare = _TONES.sub("", symbol).replace("\ufe0f", "")
        if bare and bare not in forms:
            forms[bare] = emoji.emojize(_TONE_NAMES.sub("", emoji.demojize(symbol)))
    return forms


def emoji_name(symbol: str) -> str:
    """The CLDR name of an emoji in plain words: `"❤️"` gives `"red heart"`; other text comes back as it is."""
    name = emoji.demojize(symbol)
    return name.strip(":").replace("_", " ") if name != symbol else symbol


def label_of(text: str) -> Label:
    """The class that a label cell names: an emoji in any spelling, else the word, lower-cased."""
    symbol = canonical_emoji(text)
    if symbol:
        return Label(symbol, symbol, emoji_name(symbol))
    word = " ".join(text.split()).lower()
    return Label(word, word, word)


def find_emoji(text: str) -> list[str]:
    """Every emoji in `text`, canonical, in order: `"❤ 👍🏽"` gives `["❤️", "👍"]`."""
    found = (canonical_emoji(match["emoji"]) for match in emoji.emoji_list(text))
    return [symbol for symbol in found if symbol]
