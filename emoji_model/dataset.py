"""Labelled sentences from the CSVs that people really have.

With or without header; comma, semicolon, tab or pipe; UTF-8 with or without BOM, UTF-16,
Windows-1252; any line ending; quoted newlines; extra columns and stray cells. A label is an emoji
in any spelling, several acceptable emoji with blanks between them, a `:shortcode:`, an integer of
the article's five-emoji dictionary, or any short word. Every row that is not used is counted with
its line and reason. Nothing is guessed about spreadsheets in other formats: they are refused.
"""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.labels import ARTICLE_EMOJI, Label, canonical_emoji, find_emoji, label_of

TEXT_NAMES = ("sentence", "text", "tweet", "message", "comment", "content", "review", "phrase", "utterance")
LABEL_NAMES = ("emoji", "label", "labels", "emojis", "class", "category", "target", "emotion", "tag", "y")
_DELIMITERS = ",;\t|"
_SIGNATURES = {
    b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip or a spreadsheet", b"PK\x05\x06": "zip", b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz", b"(\xb5/\xfd": "zstandard", b"7z\xbc\xaf": "7-zip", b"Rar!": "rar",
    b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"%PDF": "PDF", b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"\x7fELF": "a program", b"SQLite": "SQLite",
}  # fmt: skip


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
    file = Path(path)
    text, encoding = _decoded(file)
    rows, delimiter = _rows(file, text)
    if max(len(cells) for _, cells in rows) < 2:
        raise InputError(
            f"{file.name} has one column. Sentences and labels must stand in two, with a comma, semicolon, "
            "tab or pipe between them."
        )
    columns, body = _named_columns(rows)
    if not body:
        raise InputError(f"{file.name} holds a header and no rows. Add sentences with their labels.")
    text_at, label_at = _columns(file, columns, body, text_column, label_column)
    integers = {cell for _, cells in body if (cell := _cell(cells, label_at))}
    article = integers <= set("01234")
    sentences: list[str] = []
    labels: list[tuple[Label, ...]] = []
    dropped: list[DroppedRow] = []
    seen: dict[tuple[str, tuple[Label, ...]], int] = {}
    for line, cells in body:
        sentence, cell = _cell(cells, text_at), _cell(cells, label_at)
        found = _labels(cell, article) if sentence else ()
        if not sentence:
            reason = "no sentence"
        elif not cell:
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
        raise InputError(f"{file.name} has no usable row: {reasons[0][1]:,} with {reasons[0][0]}. Check its columns.")
    dataset = Dataset(tuple(sentences), tuple(labels))
    counts = dict(Counter(label.text for label in dataset.firsts).most_common())
    report = DataReport(
        rows_read=len(body),
        rows_used=len(sentences),
        dropped=tuple(dropped),
        columns=columns,
        text_column=text_at,
        label_column=label_at,
        has_header=len(body) < len(rows),
        encoding=encoding,
        delimiter=delimiter,
        class_counts=counts,
        warnings=tuple(_warnings(dataset, counts)),
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
    file = Path(path)
    rows, _ = _rows(file, _decoded(file)[0])
    columns, body = _named_columns(rows)
    at = _text_column(file, columns, body[:2_000], None) if column is None else _position(file, columns, column)
    return (sentence for _, cells in body if (sentence := _cell(cells, at)))


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


def _decoded(file: Path) -> tuple[str, str]:
    if not file.is_file():
        raise InputError(f"{file} is no file. Give the path of a CSV.")
    size = file.stat().st_size
    if size > limits.CSV_BYTES:
        raise InputError(f"{file.name} has {size:,} bytes, over the limit of {limits.CSV_BYTES:,}. Split it.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file.name} cannot be read ({error.strerror}). Check its permissions.") from None
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise InputError(f"{file.name} is no text: it is {kind}. Save it as a plain CSV.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif content[1:200:2].count(0) > 50:
        encodings = ("utf-16-le",)
    elif content[:200:2].count(0) > 50:
        encodings = ("utf-16-be",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise InputError(f"{file.name} is empty. Give a CSV with sentences and labels.")
        if "\0" in text:
            raise InputError(f"{file.name} holds NUL bytes: it is no text. Save it as a plain CSV.")
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise InputError(f"{file.name} is no text in UTF-8, UTF-16 or Windows-1252. Save it as a UTF-8 CSV.")


def _parsed(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with any text in them, each with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _rows(file: Path, text: str) -> tuple[list[tuple[int, list[str]]], str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(max(limits.CSV_BYTES, 131_072))
    sample = "\n".join(text.split("\n", 200)[:200])
    delimiter = max(_DELIMITERS, key=lambda mark: _consistency(sample, mark))
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in _parsed(text, delimiter):
            rows.append(row)
            if len(rows) > limits.CSV_ROWS + 1:
                raise InputError(f"{file.name} has more than {limits.CSV_ROWS:,} rows, the limit. Split it.")
    except csv.Error as error:
        raise InputError(f"{file.name}, after line {rows[-1][0] if rows else 0}: {error}. Mend that row.") from None
    return rows, delimiter


def _consistency(sample: str, delimiter: str) -> float:
    """How much the rows look cut by `delimiter`: the share of rows with the commonest width over one."""
    try:
        widths = Counter(len(cells) for _, cells in _parsed(sample, delimiter))
    except csv.Error:
        return -1.0
    common = max((count for width, count in widths.items() if width > 1), default=0)
    return common / max(1, sum(widths.values()))


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _named_columns(rows: list[tuple[int, list[str]]]) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """The names of all columns, and the rows below the header."""
    header = _header(rows)
    width = max(len(cells) for _, cells in rows)
    names = [name.strip() or f"column {i + 1}" for i, name in enumerate(header)]
    names += [f"column {i + 1}" for i in range(len(names), width)]
    return tuple(names), rows[1:] if header else rows


def _header(rows: list[tuple[int, list[str]]]) -> list[str]:
    """The first row where it names columns, else an empty list."""
    first = rows[0][1]
    names = {cell.strip().lower() for cell in first}
    if names & set(TEXT_NAMES) and names & set(LABEL_NAMES):
        return first
    if any(cell.strip().isdigit() or canonical_emoji(cell) for cell in first) or len(rows) < 3:
        return []
    named = sum(cell.strip().lower() in TEXT_NAMES + LABEL_NAMES for cell in first)
    return first if named and max(len(cell.split()) for cell in first) <= 2 else []


def _columns(
    file: Path,
    columns: Sequence[str],
    body: Sequence[tuple[int, list[str]]],
    text_column: str | int | None,
    label_column: str | int | None,
) -> tuple[int, int]:
    sample = [cells for _, cells in body[:2_000]]
    label_at = _position(file, columns, label_column) if label_column is not None else None
    text_at = _position(file, columns, text_column) if text_column is not None else None
    if text_at is None:
        text_at = _text_column(file, columns, body[:2_000], label_at)
    if label_at is None:
        label_at = _named(columns, LABEL_NAMES, text_at)
    if label_at is None:
        candidates = [i for i in range(len(columns)) if i != text_at]
        label_at = max(candidates, key=lambda i: _label_likeness([_cell(c, i) for c in sample]))
    if text_at == label_at:
        raise InputError(f"{file.name}: sentences and labels cannot both be in {columns[text_at]!r}. Choose another.")
    return text_at, label_at


def _text_column(file: Path, columns: Sequence[str], body: Sequence[tuple[int, list[str]]], taken: int | None) -> int:
    """The column named like sentences, else the one with most letters."""
    found = _named(columns, TEXT_NAMES, taken)
    if found is not None:
        return found
    letters = [sum(min(sum(map(str.isalpha, _cell(c, i))), 200) for _, c in body) for i in range(len(columns))]
    best = max((i for i in range(len(columns)) if i != taken), key=letters.__getitem__)
    if not letters[best]:
        raise InputError(f"{file.name} has no column with sentences: {columns[best]!r} holds no words.")
    return best


def _position(file: Path, columns: Sequence[str], wanted: str | int) -> int:
    if isinstance(wanted, int) and 0 <= wanted < len(columns):
        return wanted
    names = [name.lower() for name in columns]
    if str(wanted).strip().lower() in names:
        return names.index(str(wanted).strip().lower())
    raise InputError(f"{file.name} has no column {wanted!r}. It has: {', '.join(columns[:20])}.")


def _named(columns: Sequence[str], names: Sequence[str], taken: int | None) -> int | None:
    lowered = [name.strip().lower() for name in columns]
    return next((lowered.index(n) for n in names if n in lowered and lowered.index(n) != taken), None)


def _label_likeness(cells: Sequence[str]) -> tuple[float, float]:
    """How much a column looks like labels: the share of filled short cells, then how few kinds they are."""
    filled = [cell for cell in cells if 0 < len(cell) <= limits.LABEL_CHARACTERS]
    if not filled:
        return 0.0, 0.0
    share = len(filled) / len(cells)
    return round(share, 1), -len(set(filled)) / len(filled)


def _labels(cell: str, article: bool) -> tuple[Label, ...]:
    """The labels of a cell, best first; none where it is too long for a label."""
    if article and cell.isdigit():
        return (label_of(ARTICLE_EMOJI[int(cell)]),)
    if len(cell) > limits.LABEL_CHARACTERS:
        return ()
    pieces = [canonical_emoji(piece) for piece in cell.split()]
    if all(pieces):
        return tuple(dict.fromkeys(label_of(piece) for piece in pieces if piece))
    several = find_emoji(cell)
    if several and not any(character.isalnum() for character in cell):
        return tuple(dict.fromkeys(map(label_of, several)))
    return (label_of(cell),)


def _warnings(dataset: Dataset, counts: dict[str, int]) -> Iterator[str]:
    small = [text for text, count in counts.items() if count < 10]
    if small:
        yield f"{len(small)} of {len(counts)} labels have fewer than 10 sentences ({', '.join(small[:5])}): expect weak results there."
    largest, smallest = max(counts.values()), min(counts.values())
    if largest > 10 * smallest:
        yield f"The largest class has {largest:,} sentences, the smallest {smallest:,}: rare labels will be harder to learn."
    by_sentence: dict[str, set[str]] = {}
    for sentence, label in zip(dataset.sentences, dataset.firsts, strict=True):
        by_sentence.setdefault(sentence.lower(), set()).add(label.text)
    torn = [sentence for sentence, labels in by_sentence.items() if len(labels) > 1]
    if torn:
        yield f"{len(torn):,} sentences stand there with more than one label, first {torn[0][:60]!r}."
