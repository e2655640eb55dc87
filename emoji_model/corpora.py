"""The sentences the shipped models are made from and measured on: our own, and two public corpora.

Our own stand in `assets/corpora`. The public ones (TweetEval's emoji tweets and GoEmotions' Reddit
comments, their training splits alone) are read from a folder, or fetched from the Hub; they are
never part of the project.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from emoji_model.dataset import Dataset, read_csv
from emoji_model.errors import InputError

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "corpora"
NEAR_DUPLICATE = 0.6
"""Sentences whose sets of word trigrams have a Jaccard index above this are taken for the same."""

_PUBLIC = {
    "tweeteval_emoji/train.csv": ("cardiffnlp/tweet_eval", "emoji/train-00000-of-00001.parquet", "label"),
    "goemotions/train.csv": (
        "google-research-datasets/go_emotions",
        "simplified/train-00000-of-00001.parquet",
        "labels",
    ),
}
_NEUTRAL = [27]
"""GoEmotions' comments without an emotion, which have no emoji in the folder's file: both ways leave them out."""
_WORD = re.compile(r"[\w']+")


def labelled(name: str) -> Dataset:
    """One of our own corpora of sentences with emoji, by its file name without ending."""
    return read_csv(FOLDER / f"{name}.csv")[0]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of our own files, by its name without ending, as its header names them."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def part(name: str, wanted: str) -> Dataset:
    """The sentences of one of our own corpora whose column `part` says `wanted`."""
    dataset = labelled(name)
    chosen = [row["part"] == wanted for row in rows(name)]
    return Dataset(
        tuple(s for s, c in zip(dataset.sentences, chosen, strict=True) if c),
        tuple(y for y, c in zip(dataset.labels, chosen, strict=True) if c),
    )


def public_sentences(folder: Path | None = None) -> list[str]:
    """The sentences of the public corpora's training splits, each once.

    Args:
        folder: where `tweeteval_emoji/train.csv` and `goemotions/train.csv` are; fetched from the Hub where not given.

    Raises:
        InputError: where a file is missing, or cannot be fetched.
    """
    found: dict[str, None] = {}
    for name, source in _PUBLIC.items():
        texts = _from_folder(folder / name) if folder else _from_hub(*source)
        found.update(dict.fromkeys(texts))
    return list(found)


def near_duplicates(sentences: Sequence[str], threshold: float = NEAR_DUPLICATE) -> Iterator[tuple[int, int]]:
    """Pairs of positions (earlier, later) of sentences that are nearly the same, the first pair of every later one."""
    shingles = [_trigrams(sentence) for sentence in sentences]
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for later, own in enumerate(shingles):
        shared = Counter(earlier for trigram in own for earlier in seen[trigram])
        alike = (e for e, n in shared.items() if n / (len(own) + len(shingles[e]) - n) > threshold)
        first = min(alike, default=None)
        if first is not None:
            yield first, later
        for trigram in own:
            seen[trigram].append(later)


def _trigrams(sentence: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(sentence.lower())
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)} or {tuple(words)}


def _from_folder(path: Path) -> list[str]:
    if not path.is_file():
        raise InputError(f"{path} is missing. Give a folder that holds {' and '.join(_PUBLIC)}, or none to fetch them.")
    return list(read_csv(path)[0].sentences)


def _from_hub(repository: str, parquet: str, label: str) -> list[str]:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from pyarrow.parquet import read_table

    try:
        path = hf_hub_download(repository, parquet, repo_type="dataset")
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise InputError(
            f"The corpus {repository} could not be fetched from the Hub ({type(error).__name__}). Give a folder of it."
        ) from None
    table = read_table(path, columns=["text", label]).to_pylist()
    return [text for row in table if row[label] != _NEUTRAL and (text := row["text"].strip())]
