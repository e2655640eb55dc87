import csv
from collections import Counter
from pathlib import Path

import pytest

from emoji_model import corpora
from emoji_model.dataset import Dataset
from emoji_model.errors import InputError

NEGATION = {"not", "no", "never", "nobody", "nothing", "without", "none", "nor", "hardly", "cannot"}


@pytest.fixture(scope="module")
def everyday() -> Dataset:
    return corpora.labelled("everyday")


@pytest.fixture(scope="module")
def dev() -> Dataset:
    return corpora.labelled("everyday_dev")


def test_the_corpus_is_large_and_knows_every_emoji_well(everyday: Dataset) -> None:
    assert len(everyday) >= 15_000
    assert len({s.lower() for s in everyday.sentences}) >= 0.999 * len(everyday)
    counts = Counter(label.text for label in everyday.firsts)
    assert len(counts) == 341
    assert min(counts.values()) >= 35
    assert {len(s.split()) for s in everyday.sentences} <= {*range(2, 21)}
    assert {y.text for labels in everyday.labels for y in labels} <= set(counts)


def test_negations_are_frequent(everyday: Dataset) -> None:
    def negates(sentence: str) -> bool:
        words = sentence.lower().replace("’", "'").split()
        return any(w.strip(".,!?") in NEGATION or w.strip(".,!?").endswith("n't") for w in words)

    assert sum(map(negates, everyday.sentences)) >= 0.08 * len(everyday)


def test_nothing_stands_there_twice_and_nothing_of_the_dev_split_is_trained_on(everyday: Dataset, dev: Dataset) -> None:
    probes = [row["sentence"] for name in ("identity", "grief") for row in corpora.rows(name)]
    apart = [*dev.sentences, *probes]
    pairs = list(corpora.near_duplicates([*apart, *everyday.sentences]))
    shown = [(later - len(apart), earlier - len(apart)) for earlier, later in pairs if later >= len(apart)]
    assert not shown


@pytest.mark.parametrize("name", ["meaning", "care", "hard"])
def test_what_teaches_meaning_and_care_is_no_probe_and_stands_there_once(name: str, dev: Dataset) -> None:
    own = corpora.labelled(name)
    assert len({s.lower() for s in own.sentences}) == len(own)
    probes = [row["sentence"] for part in ("identity", "grief", "minimal_pairs") for row in corpora.rows(part)]
    apart = [*dev.sentences, *probes]
    for sentence in own.sentences:
        assert sentence not in apart
    pairs = list(corpora.near_duplicates([*own.sentences, *apart]))
    assert not [pair for pair in pairs if pair[0] < len(own) <= pair[1]]


def test_no_frame_is_filled_again_and_again(everyday: Dataset) -> None:
    beginnings = Counter(" ".join(s.lower().split()[:3]) for s in everyday.sentences if len(s.split()) > 3)
    assert beginnings.most_common(1)[0][1] <= 0.005 * len(everyday)


def test_the_dev_split_has_a_part_of_strangers_and_every_emoji(dev: Dataset) -> None:
    assert len(dev) >= 1_500
    parts = Counter(row["part"] for row in corpora.rows("everyday_dev"))
    assert set(parts) == {"strangers", "corpus"}
    assert len(corpora.part("everyday_dev", "strangers")) == parts["strangers"] >= 700
    assert len({label.text for label in dev.firsts}) == 341


def test_the_classic_corpora_keep_the_articles_form() -> None:
    train, test = (corpora.labelled(f"classic_{part}") for part in ("train", "test"))
    assert len(train) >= 600
    assert len(test) >= 150
    assert not {s.lower() for s in train.sentences} & {s.lower() for s in test.sentences}
    with (corpora.FOLDER / "classic_train.csv").open(encoding="utf-8", newline="") as file:
        assert {row[1] for row in csv.reader(file)} == set("01234")


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (["a b c d e f", "a b c d e f g"], [(0, 1)]), (["a b c d e f", "z b c d y x"], []),
        (["hello there", "Hello, there!"], [(0, 1)]), (["hello there", "hello you"], []),
        (["one two three", "x y z", "one two three", "x y z"], [(0, 2), (1, 3)]), ([], []),
    ],
)  # fmt: skip
def test_near_duplicates(sentences: list[str], expected: list[tuple[int, int]]) -> None:
    assert list(corpora.near_duplicates(sentences)) == expected


def test_public_sentences_come_from_a_folder_each_once(tmp_path: Path) -> None:
    for folder, rows in (
        ("tweeteval_emoji", "so happy,😂\nhi there,❤\n"),
        ("goemotions", "so happy,joy,😂\nwhy,anger,😡\n"),
    ):
        (tmp_path / folder).mkdir()
        header = "sentence,emoji\n" if folder.startswith("tweet") else "sentence,emotions,emoji\n"
        (tmp_path / folder / "train.csv").write_text(header + rows, encoding="utf-8")
    assert corpora.public_sentences(tmp_path) == ["so happy", "hi there", "why"]


def test_a_folder_without_them_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tweeteval_emoji"):
        corpora.public_sentences(tmp_path)
