"""Labelled sentences from the CSVs that people really have.

With or without header; comma, semicolon, tab or pipe; UTF-8 with or without BOM, UTF-16,
Windows-1252; any line ending; quoted newlines; extra columns and stray cells. A label is an emoji
in any spelling, several acceptable emoji with blanks between them, a `:shortcode:`, an integer of
the article's five-emoji dictionary, or any short word. Every row that is not used is counted with
its line and reason. Nothing is guessed about spreadsheets in other formats: they are refused.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.labels import ARTICLE_EMOJI, Label, canonical_emoji, find_emoji, label_of
from emoji_model.table import LABEL_NAMES, TEXT_NAMES, Table, cell, read_table

_ARTICLE_SHARE = 0.95  # from this share of 0 to 4 on, a label column is the article's, whatever else strays into it
_SAMPLE = 2_000  # rows that are looked at to tell the columns apart


@dataclass(frozen=True, slots=True)
class Dataset:
    """Sentences and the labels that fit each, best first; the two lists go together."""

    sentences: tuple[str, ...]
    labels: tuple[tuple[Label, ...], ...]

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def firsts(self) -> list[Label]:
        """The best label of every sentence."""
        return [labels[0] for labels in self.labels]

    def shown_as(self, emoji: Mapping[str, str]) -> "Dataset":
        """The same sentences, with labels that are words shown as an emoji each.

        A word keeps its name. Words with the same emoji, or with that of a label which is an emoji, become one class.

        Args:
            emoji: an emoji, in any spelling, for some of the labels' texts.

        Raises:
            InputError: where what stands for a label is no emoji.
        """
        shown = {}
        for text, written in emoji.items():
            symbol = canonical_emoji(written)
            if not symbol:
                raise InputError(f"The label {text!r} needs one emoji. Received: {written[:40]!r}.")
            shown[text] = Label(symbol, symbol, text)
        present = {label.text: label for labels in self.labels for label in labels}
        classes: dict[str, Label] = {}
        for text, label in present.items():
            now = shown.get(text, label)
            classes.setdefault(now.text, now)
        new = {text: classes[shown.get(text, label).text] for text, label in present.items()}
        return Dataset(self.sentences, tuple(tuple(dict.fromkeys(new[y.text] for y in row)) for row in self.labels))


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A row that is not used: its line in the file (from 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class DataReport:
    """What was found in a CSV; `rows_read` is always `rows_used` plus the number of `dropped`.

    Attributes:
        rows_read: rows with anything in them, the header not counted.
        rows_used: rows that became sentences.
        dropped: the others, in file order.
        columns: the column names, or "column 1", ... where there is no header.
        text_column: position of the sentences, from 0.
        label_column: position of the labels, from 0.
        has_header: whether the first row was taken as names.
        encoding: how the bytes were read.
        delimiter: the character between cells.
        class_counts: sentences by first label, largest class first.
        warnings: plain sentences about what may spoil a model.
    """

    rows_read: int
    rows_used: int
    dropped: tuple[DroppedRow, ...]
    columns: tuple[str, ...]
    text_column: int
    label_column: int
    has_header: bool
    encoding: str
    delimiter: str
    class_counts: dict[str, int]
    warnings: tuple[str, ...]


def read_csv(
    path: str | os.PathLike[str],
    text_column: str | int | None = None,
    label_column: str | int | None = None,
    drop_duplicates: bool = False,
) -> tuple[Dataset, DataReport]:
    """The labelled sentences of the CSV at `path`, and a report of how they were found.

    Args:
        path: the file.
        text_column: name or position (from 0) of the sentences; found where not given.
        label_column: the same of the labels.
        drop_duplicates: drop a row that repeats sentence and label of an earlier one.

    Raises:
        InputError: where the file is missing, not text, too large, has too many rows, no text or
            label column, or no usable row.
    """
    table = read_table(path)
    if len(table.columns) < 2:
        raise InputError(
            f"{table.file.name} has one column. Sentences and labels must stand in two, with a comma, semicolon, "
            "tab or pipe between them."
        )
    text_at, label_at = _columns(table, text_column, label_column)
    written_labels = [text for _, cells in table.rows if (text := cell(cells, label_at))]
    article = sum(_article_number(text) is not None for text in written_labels) >= _ARTICLE_SHARE * len(written_labels)
    sentences: list[str] = []
    labels: list[tuple[Label, ...]] = []
    dropped: list[DroppedRow] = []
    seen: dict[tuple[str, tuple[Label, ...]], int] = {}
    for line, cells in table.rows:
        sentence, written = cell(cells, text_at), cell(cells, label_at)
        found = _labels(written, article) if sentence else ()
        if not sentence:
            reason = "no sentence"
        elif not written:
            reason = "no label"
        elif not found:
            reason = f"label of more than {limits.LABEL_CHARACTERS} characters"
        elif drop_duplicates and (sentence, found) in seen:
            reason = f"the same as line {seen[sentence, found]}"
        else:
            seen.setdefault((sentence, found), line)
            sentences.append(sentence)
            labels.append(found)
            continue
        dropped.append(DroppedRow(line, reason))
    if not sentences:
        reasons = Counter(row.reason for row in dropped).most_common(1)
        raise InputError(
            f"{table.file.name} has no usable row: {reasons[0][1]:,} with {reasons[0][0]}. Check its columns."
        )
    dataset = Dataset(tuple(sentences), tuple(labels))
    counts = dict(Counter(label.text for label in dataset.firsts).most_common())
    report = DataReport(
        rows_read=len(table.rows),
        rows_used=len(sentences),
        dropped=tuple(dropped),
        columns=table.columns,
        text_column=text_at,
        label_column=label_at,
        has_header=table.has_header,
        encoding=table.encoding,
        delimiter=table.delimiter,
        class_counts=counts,
        warnings=(*([_ARTICLE_NOTE] if article and written_labels else []), *_warnings(dataset, counts)),
    )
    return dataset, report


def read_sentences(path: str | os.PathLike[str], column: str | int | None = None) -> Iterator[str]:
    """Every sentence in a column of the CSV at `path`, whether it has a label or not.

    Args:
        path: the file.
        column: name or position (from 0); the one with most text where not given.

    Raises:
        InputError: where the file cannot be read as a CSV, or has no such column.
    """
    table = read_table(path)
    at = _text_column(table, None) if column is None else table.position(column)
    return (sentence for _, cells in table.rows if (sentence := cell(cells, at)))


def check_trainable(dataset: Dataset) -> None:
    """Refuses what no classifier can learn from.

    Raises:
        InputError: where there is one class only, or a class with a single sentence.
    """
    counts = Counter(label.text for label in dataset.firsts)
    if len(counts) < 2:
        raise InputError(f"All {len(dataset):,} rows have the label {next(iter(counts))!r}. At least two are needed.")
    if len(counts) > limits.MODEL_CLASSES:
        raise InputError(
            f"There are {len(counts):,} different labels, over the limit of {limits.MODEL_CLASSES:,}. "
            "Is this the label column?"
        )
    single = [text for text, count in counts.items() if count == 1]
    if single:
        shown = ", ".join(map(repr, single[:5])) + (" and others" if len(single) > 5 else "")
        raise InputError(f"Every label needs two sentences or more. Only one has {shown}. Add some or remove it.")


def _columns(table: Table, text_column: str | int | None, label_column: str | int | None) -> tuple[int, int]:
    label_at = table.position(label_column) if label_column is not None else None
    text_at = table.position(text_column) if text_column is not None else None
    if text_at is None:
        text_at = _text_column(table, label_at)
    if label_at is None:
        label_at = table.named(LABEL_NAMES, text_at)
    if label_at is None:
        candidates = [i for i in range(len(table.columns)) if i != text_at]
        sample = table.rows[:_SAMPLE]
        label_at = max(candidates, key=lambda i: _label_likeness([cell(cells, i) for _, cells in sample]))
    if text_at == label_at:
        name = table.columns[text_at]
        raise InputError(f"{table.file.name}: sentences and labels cannot both be in {name!r}. Choose another.")
    return text_at, label_at


def _text_column(table: Table, taken: int | None) -> int:
    """The column named like sentences, else the one with most letters."""
    found = table.named(TEXT_NAMES, taken)
    if found is not None:
        return found
    rows = table.rows[:_SAMPLE]
    letters = [sum(min(sum(map(str.isalpha, cell(c, i))), 200) for _, c in rows) for i in range(len(table.columns))]
    best = max((i for i in range(len(table.columns)) if i != taken), key=letters.__getitem__)
    if not letters[best]:
        raise InputError(f"{table.file.name} has no column with sentences: {table.columns[best]!r} holds no words.")
    return best


def _label_likeness(cells: Sequence[str]) -> tuple[float, float]:
    """How much a column looks like labels: the share of filled short cells, then how few kinds they are."""
    filled = [cell for cell in cells if 0 < len(cell) <= limits.LABEL_CHARACTERS]
    if not filled:
        return 0.0, 0.0
    share = len(filled) / len(cells)
    return round(share, 1), -len(set(filled)) / len(filled)


def _article_number(written: str) -> int | None:
    """The integer of the article's dictionary that a cell holds, also as `3.0`; `None` where it holds none."""
    match = re.fullmatch(r"([0-4])(?:\.0+)?", written)
    return int(match.group(1)) if match else None


def _labels(written: str, article: bool) -> tuple[Label, ...]:
    """The labels of a cell, best first; none where it is too long for a label."""
    number = _article_number(written)
    if article and number is not None:
        return (label_of(ARTICLE_EMOJI[number]),)
    if len(written) > limits.LABEL_CHARACTERS:
        return ()
    pieces = [canonical_emoji(piece) for piece in written.split()]
    if all(pieces):
        return tuple(dict.fromkeys(label_of(piece) for piece in pieces if piece))
    several = find_emoji(written)
    if several and not any(character.isalnum() for character in written):
        return tuple(dict.fromkeys(map(label_of, several)))
    return (label_of(written),)


_ARTICLE_NOTE = f"The labels 0 to 4 are read as {' '.join(ARTICLE_EMOJI)}."


def _warnings(dataset: Dataset, counts: dict[str, int]) -> Iterator[str]:
    small = [text for text, count in counts.items() if count < 10]
    if small:
        some = "1 label has" if len(small) == 1 else f"{len(small):,} of {len(counts):,} labels have"
        shown = ", ".join(small[:5]) + (" and others" if len(small) > 5 else "")
        yield f"{some} fewer than 10 sentences ({shown}): expect weak results there."
    largest, smallest = max(counts.values()), min(counts.values())
    if largest > 10 * smallest:
        yield f"The most frequent label has {largest:,} sentences, the rarest {smallest:,}: rare labels will be harder to learn."
    by_sentence: dict[str, set[str]] = {}
    for sentence, label in zip(dataset.sentences, dataset.firsts, strict=True):
        by_sentence.setdefault(sentence.lower(), set()).add(label.text)
    torn = [sentence for sentence, labels in by_sentence.items() if len(labels) > 1]
    if torn:
        some = "1 sentence stands" if len(torn) == 1 else f"{len(torn):,} sentences stand"
        yield f"{some} there with more than one label, first {torn[0][:60]!r}."
