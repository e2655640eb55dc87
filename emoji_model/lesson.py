"""What the everyday network learns from: our sentences, public ones, and what the teacher says of them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emoji_model import corpora, teacher
from emoji_model.dataset import Dataset
from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.labels import Label
from emoji_model.targets import targets
from emoji_model.text import tokenize

REPEATS = {"everyday": 1, "meaning": 3, "care": 3}
"""Our corpora, and how often the network sees each of their sentences where it sees the others once."""
FLAT_REPEATS = 4
HARD, HARD_REPEATS = "hard", 4
TEACHER_SHARE = 0.5
"""How much of what is wanted of our own sentences comes from the teacher."""
PUBLIC_COUNT = 5
"""How often a word that our sentences lack must occur in the public ones to get a vector of its own."""


@dataclass(frozen=True)
class Lesson:
    """What the network learns from.

    Attributes:
        sentences: ours, then flat ones, then those that the teacher alone has labelled.
        wanted: float16 of shape (sentences, classes), each row a distribution.
        ours: how many of them, from the first on, are our own and flat ones.
    """

    sentences: list[str]
    wanted: npt.NDArray[np.float16]
    ours: int

    def last(self, labels: Sequence[Label]) -> "Lesson":
        """Our sentences and the flat ones alone, and those of kinds that are hard, which the teacher was not asked about."""
        hard = corpora.labelled(HARD)
        wanted = targets(hard, labels)(np.arange(len(hard))).astype(np.float16)
        return Lesson(
            [*self.sentences[: self.ours], *hard.sentences * HARD_REPEATS],
            np.concatenate([self.wanted[: self.ours], *[wanted] * HARD_REPEATS]),
            self.ours + HARD_REPEATS * len(hard),
        )


def classes(dataset: Dataset) -> list[Label]:
    """The emoji that are first choice for any sentence, the most frequent first."""
    counts = Counter(labels[0] for labels in dataset.labels)
    return [label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0].text))]


def beginnings(sentences: Sequence[str], random: np.random.Generator) -> list[str]:
    """A beginning of every sentence of four words or more: what the page is asked about while it is typed."""
    cut = [sentence.split() for sentence in sentences]
    return [" ".join(words[: random.integers(2, len(words))]) for words in cut if len(words) >= 4]


def vocabulary(ours: Sequence[str], public: Sequence[str], vectors: WordVectors) -> list[str]:
    """The words that get vectors of their own: those of our sentences, and those the public ones often use."""
    counts = [Counter(t.text for s in part for t in tokenize(s, vectors)) for part in (ours, public)]
    often = (word for word, count in counts[1].items() if count >= PUBLIC_COUNT)
    return list(dict.fromkeys([*counts[0], *often]))


def our_sentences() -> tuple[Dataset, list[int]]:
    """All our corpora in one, and how often each sentence is seen."""
    parts = {name: corpora.labelled(name) for name in REPEATS}
    sentences = tuple(sentence for part in parts.values() for sentence in part.sentences)
    labels = tuple(accepted for part in parts.values() for accepted in part.labels)
    return Dataset(sentences, labels), [times for name, times in REPEATS.items() for _ in parts[name].sentences]


def lesson(
    ours: Dataset, repeats: Sequence[int], flat: Sequence[str], public: Sequence[str], seed: int, cache: Path | None
) -> Lesson:
    """All sentences with what is wanted of them; asks the teacher, or the file `cache` where it is there."""
    labels = classes(ours)
    first = targets(ours, labels)(np.arange(len(ours)))
    gold = np.concatenate([first, np.full((len(flat), len(labels)), 1 / len(labels), np.float32)])
    labelled = [*ours.sentences, *flat]
    unlabelled = [*public, *beginnings(ours.sentences, np.random.default_rng(seed))]
    key = hashlib.sha256("\n".join([str(seed), *labelled, "", *unlabelled]).encode() + gold.tobytes()).hexdigest()
    if cache and cache.is_file():
        with np.load(cache, allow_pickle=False) as stored:
            if str(stored["key"]) != key:
                raise InputError(f"{cache} was made from other sentences, labels or another seed. Delete it.")
            said, guessed = stored["said"], stored["guessed"]
    else:
        answers = apart(teacher.soft_labels, labelled, gold, unlabelled, seed)
        said, guessed = (answer.astype(np.float16) for answer in answers)
        if cache:
            with cache.open("wb") as file:
                np.savez(file, said=said, guessed=guessed, key=key)
    mixed = (1 - TEACHER_SHARE) * gold + TEACHER_SHARE * said
    mixed[len(ours) :] = gold[len(ours) :]
    seen = np.repeat(np.arange(len(labelled)), [*repeats, *[FLAT_REPEATS] * len(flat)])
    return Lesson(
        [*(labelled[i] for i in seen), *unlabelled],
        np.concatenate([mixed[seen].astype(np.float16), guessed]),
        len(seen),
    )


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """`function(*arguments)` in a process of its own, which gives all its memory back before the network trains."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(function, *arguments).result()
