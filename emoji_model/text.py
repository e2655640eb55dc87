"""Sentences to tokens, cut the way GloVe 6B's own training text was cut.

GloVe's text was lower-cased and split by the Stanford tokenizer: `n't`, `'s`, `'re` stand alone,
so does punctuation. Where people write what newspapers do not (soooo, dont, #happyBirthday, idk),
the token becomes the words GloVe knows; what stays unknown is kept and marked, never dropped
silently. A token is marked `completed` where it is the last, unfinished word of a sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import log
from typing import Protocol

from emoji_model import limits
from emoji_model.slang import EXPANSIONS, WHOLE_WORDS


class Vocabulary(Protocol):
    """What the tokenizer asks of a word list; ranks count from 0, the most frequent word."""

    def rank(self, word: str) -> int | None:
        """The frequency rank of `word`, `None` where it is unknown."""
        ...

    def complete(self, prefix: str) -> str | None:
        """The most frequent word that starts with `prefix`, `None` where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """One token as the network reads it.

    Attributes:
        text: the token, as looked up among the word vectors.
        source: the piece of the sentence it comes from; several tokens may share one.
        known: whether it has a word vector; unknown tokens are not read.
        completed: whether `source` is an unfinished last word that `text` completes.
    """

    text: str
    source: str
    known: bool
    completed: bool = False


# A fragment this rare, which begins one of the most common words, is taken as unfinished.
RARE_RANK = 75_000
COMMON_RANK = 10_000
_SHORTEST_FRAGMENT = 3
_LONGEST_HASHTAG = 60
_LONGEST_WORD = 25
_REPEATED_MARKS = 3

# Characters that are pictures, also those newer than this Python's Unicode; none is normalised or taken for invisible.
_SYMBOLS = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf"
    r"\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001F000-\U0001FAFF"
)
_SYMBOL = re.compile(f"([{_SYMBOLS}])")
_PICTURE = (
    r"(?:[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\ufe0f?\u20e3"
    rf"|[{_SYMBOLS}][\ufe0e\ufe0f]?[\U0001F3FB-\U0001F3FF]?)"
)
_CHUNK = re.compile(
    r"(?P<link>(?:https?://|www\.)\S+)"
    rf"|(?P<emoji>{_PICTURE}(?:\u200d{_PICTURE})*)"
    r"|(?P<emoticon>(?:[<>]?[:;=8xX][-o*']?[)\](\[dDpPoO/\\|](?![^\W_])|<3+|</3|\^_+\^|:'\())"
    r"|[#](?P<hashtag>[^\W_](?:\w)*)"
    r"|(?P<word>(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'.,:/&+][^\W_]+)*)"
    r"|(?P<dots>\.{2,})"
    r"|(?P<mark>(\S)\8*)"
)
_CLITIC = re.compile(r"^(.*[^\W_])(n't|'(?:s|re|ve|ll|d|m))$")
_LAUGH = re.compile(r"^(?:(b?w?a*(?:ha+){2,}h?)|((?:he+){2,}h?)|((?:lo+){2,}l|lo{2,}l+|lol{2,}))$")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(r"^(\d{1,2}(?:[:.]\d\d)?)([ap]m)$")
_FOLD = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "′": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"',
     "„": '"', "«": '"', "»": '"', "—": " -- ", "―": " -- ", "‑": "-", "‐": "-", "\u00ad": ""}
)  # fmt: skip
_JOINER, _SELECTORS = "\u200d", "\ufe0e\ufe0f"
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")


_RESIDUE = re.compile(rf"(?<![{_SYMBOLS}\U0001F3FB-\U0001F3FF0-9#*])[\ufe0e\ufe0f]")


def without_residue(sentence: str) -> str:
    """`sentence` without variation selectors that follow no symbol: what is left where an emoji was taken out."""
    found = _RESIDUE.sub("", sentence)
    return sentence if found == sentence else " ".join(found.split())


def clean(sentence: str) -> str:
    """`sentence` without what no reader sees: folded quotes, compatible forms, no control characters.

    At most `limits.SENTENCE_CHARACTERS` characters are kept. Emoji joiners and selectors stay.
    """
    folded = sentence[: limits.SENTENCE_CHARACTERS].translate(_FOLD)
    if folded.isascii() and folded.isprintable():
        return folded
    folded = "".join(
        part if _SYMBOL.fullmatch(part) else unicodedata.normalize("NFKC", part) for part in _SYMBOL.split(folded)
    )
    return "".join(_visible(character) for character in folded[: limits.SENTENCE_CHARACTERS])


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" or category.startswith("Z"):
        return " "
    if category in ("Cf", "Cs", "Co", "Cn") and character != _JOINER and not _SYMBOL.fullmatch(character):
        return ""
    return character


def tokenize(sentence: str, vocabulary: Vocabulary, typing: bool = False) -> list[Token]:
    """The tokens of `sentence`, each marked as known to `vocabulary` or not.

    Args:
        sentence: any text; what is over `limits.SENTENCE_CHARACTERS` is not read.
        vocabulary: the word list that decides how unknown forms are taken apart.
        typing: complete the last word where it is an unfinished one ("piz" to "pizza").
    """
    text = clean(sentence)
    tokens: list[Token] = []
    match = None
    for match in _CHUNK.finditer(text):
        source = match.group()
        kind = match.lastgroup
        if kind == "word":
            words = list(_resolve(source.lower(), vocabulary))
        elif kind == "hashtag":
            words = list(_hashtag(match.group("hashtag"), vocabulary))
        elif kind == "emoji":
            words = [_plain_emoji(source)]
        elif kind == "link":
            words = ["http"]
        elif kind == "dots":
            words = ["..."]
        elif kind == "emoticon":
            words = [source.lower().replace("-", "").replace("'", "")]
        else:
            words = [source[0].lower()] * min(len(source), _REPEATED_MARKS)
        tokens += [Token(word, source, vocabulary.rank(word) is not None) for word in words]
    if typing and match and match.lastgroup == "word" and match.end() == len(text) and tokens:
        tokens[-1] = _completed(tokens[-1], vocabulary)
    return tokens


def _plain_emoji(source: str) -> str:
    bare = _TONES.sub("", source.rstrip(_SELECTORS))
    return bare.replace("\ufe0e", "").replace("\ufe0f", "") or source


def _completed(token: Token, vocabulary: Vocabulary) -> Token:
    fragment = token.text
    if len(fragment) < _SHORTEST_FRAGMENT or not fragment.isalpha() or fragment in WHOLE_WORDS:
        return token
    rank = vocabulary.rank(fragment)
    if rank is not None and rank < RARE_RANK:
        return token
    word = vocabulary.complete(fragment)
    if word is None or word == fragment or not word.isalpha():
        return token
    if rank is not None and (vocabulary.rank(word) or 0) >= COMMON_RANK:
        return token
    return Token(word, token.source, known=True, completed=True)


def _resolve(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The words that `word` (lower case, no blanks) stands for."""
    expansion = EXPANSIONS.get(word)
    if expansion:
        yield from expansion
        return
    clitics: list[str] = []
    while clitic := _CLITIC.match(word):
        word = clitic.group(1)
        clitics.append(clitic.group(2))
    if clitics:
        yield from _resolve(word, vocabulary)
        yield from reversed(clitics)
        return
    clock = _CLOCK.match(word)
    if clock:
        yield from _resolve(clock.group(1), vocabulary)
        yield clock.group(2)
        return
    laugh = _LAUGH.match(word)
    if laugh:
        yield "haha" if laugh.group(1) else "hehe" if laugh.group(2) else "lol"
        return
    if _RUN.search(word):
        yield from _shortened(word, vocabulary)
        return
    if vocabulary.rank(word) is not None:
        yield word
        return
    yield from _parts(word, vocabulary)


def _parts(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """An unknown word at its inner marks, then between digits and letters; else as it is."""
    pieces = re.findall(r"[^\W_]+|[^\w]", word)
    if len(pieces) > 1:
        for piece in pieces:
            if piece[0].isalnum():
                yield from _resolve(piece, vocabulary)
            elif piece not in "-'":
                yield piece
        return
    runs = _DIGITS.findall(word)
    if len(runs) > 1 and all(vocabulary.rank(run) is not None for run in runs):
        yield from runs
        return
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    yield bare if vocabulary.rank(bare) is not None else word


def _shortened(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """`word` with every run of three or more letters cut to the spelling GloVe knows best."""
    runs = list(_RUN.finditer(word))
    if (len(set(word)) == 1 and vocabulary.rank(word) is not None) or len(runs) > 4:
        yield word
        return
    spellings = []
    for lengths in product((2, 1), repeat=len(runs)):
        spelling, start = "", 0
        for run, length in zip(runs, lengths, strict=True):
            spelling += word[start : run.start()] + run.group(1) * length
            start = run.end()
        spellings.append(spelling + word[start:])
    for spelling in spellings:
        if spelling in EXPANSIONS:
            yield from EXPANSIONS[spelling]
            return
    ranks = [rank for s in spellings if (rank := vocabulary.rank(s)) is not None]
    common = [s for s in spellings if (rank := vocabulary.rank(s)) is not None and rank < 5_000]
    if common:
        yield common[0]
    elif ranks:
        yield min(spellings, key=lambda s: _or_last(vocabulary.rank(s)))
    elif vocabulary.rank(word) is not None:
        yield word
    else:
        yield from _parts(spellings[0], vocabulary)


def _or_last(rank: int | None) -> float:
    return float("inf") if rank is None else rank


def _hashtag(body: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The words of a hashtag: by capitals and digits, then by the likeliest split into known words."""
    for part in _CAMEL.findall(body) if not body.islower() else [body]:
        part = part.lower()
        if vocabulary.rank(part) is not None or part in EXPANSIONS:
            yield from _resolve(part, vocabulary)
        else:
            yield from _segmented(part, vocabulary) or _resolve(part, vocabulary)


def _segmented(text: str, vocabulary: Vocabulary) -> list[str]:
    """`text` as the likeliest run of known words under Zipf's law, empty where there is none."""
    if not _SHORTEST_FRAGMENT < len(text) <= _LONGEST_HASHTAG:
        return []
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(text) + 1):
        choices: list[tuple[float, list[str]]] = [(float("inf"), [])]
        for start in range(max(0, end - _LONGEST_WORD), end):
            word = text[start:end]
            rank = vocabulary.rank(word)
            if rank is None or (len(word) == 1 and word not in "ai" and not word.isdigit()):
                continue
            cost, words = best[start]
            choices.append((cost + log(rank + 2) + 2.6, [*words, word]))
        best.append(min(choices, key=lambda choice: choice[0]))
    return best[-1][1]
