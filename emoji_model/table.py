"""The rows of a CSV as people really save them: any encoding, any delimiter, with or without header.

Bytes that are no text are refused by name before anything is parsed. What the columns mean is not
decided here; see `dataset`.
"""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.labels import canonical_emoji

TEXT_NAMES = ("sentence", "text", "tweet", "message", "comment", "content", "review", "phrase", "utterance")
LABEL_NAMES = ("emoji", "label", "labels", "emojis", "class", "category", "target", "emotion", "tag", "y")
_DELIMITERS = ",;\t|"
_CELL_LINES = 20  # a row over more lines than this is taken for a quotation mark that is never closed
_SIGNATURES = {
    b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip or a spreadsheet", b"PK\x05\x06": "zip", b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz", b"(\xb5/\xfd": "zstandard", b"7z\xbc\xaf": "7-zip", b"Rar!": "rar",
    b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"%PDF": "PDF", b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"\x7fELF": "a program", b"SQLite": "SQLite",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that hold any text.

    Attributes:
        file: where they come from.
        columns: the names of all columns, "column 1", ... where there is no header.
        rows: the line each row starts on (from 1) and its cells; the header is not among them.
        has_header: whether the first row was taken as names.
        encoding: how the bytes were read.
        delimiter: the character between cells.
    """

    file: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    has_header: bool
    encoding: str
    delimiter: str

    def position(self, wanted: str | int) -> int:
        """The position of the column with that name (in any case), or at that position.

        Raises:
            InputError: where there is none.
        """
        if isinstance(wanted, int) and 0 <= wanted < len(self.columns):
            return wanted
        names = [name.lower() for name in self.columns]
        if str(wanted).strip().lower() in names:
            return names.index(str(wanted).strip().lower())
        raise InputError(f"{self.file.name} has no column {wanted!r}. It has: {', '.join(self.columns[:20])}.")

    def named(self, names: Sequence[str], taken: int | None = None) -> int | None:
        """The first column called one of `names` that is not `taken`."""
        lowered = [name.strip().lower() for name in self.columns]
        return next((lowered.index(n) for n in names if n in lowered and lowered.index(n) != taken), None)


def read_table(path: str | os.PathLike[str]) -> Table:
    """The rows of the file at `path`.

    Raises:
        InputError: where the file is missing, too large, no text, holds only a header, or has too many rows.
    """
    file = Path(path)
    text, encoding = _decoded(file)
    rows, delimiter = _rows(file, text)
    if not rows:
        raise InputError(f"{file.name} holds only empty cells. Add sentences with their labels.")
    columns, body = _named_columns(rows)
    if not body:
        raise InputError(f"{file.name} holds a header and no rows. Add sentences with their labels.")
    if len(body) > limits.CSV_ROWS:
        raise InputError(f"{file.name} has more than {limits.CSV_ROWS:,} rows, the limit. Split it.")
    return Table(file, columns, tuple(body), len(body) < len(rows), encoding, delimiter)


def cell(cells: Sequence[str], at: int) -> str:
    """The text at position `at` of a row without the blanks around it, empty where the row is too short."""
    return cells[at].strip() if at < len(cells) else ""


def _decoded(file: Path) -> tuple[str, str]:
    if not os.path.isfile(file):  # noqa: PTH113 - Path.is_file raises on a name too long to be one
        raise InputError(f"{str(file)[:200]} is no file. Give the path of a CSV.")
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
    encodings: tuple[str, ...]
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


def _parsed(text: str, delimiter: str, quoted: bool = True) -> Iterator[tuple[int, list[str]]]:
    """The rows with any text in them, each with the line it starts on."""
    lines = io.StringIO(text, newline="")
    if quoted:
        reader = csv.reader(lines, delimiter=delimiter)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
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
    rows = _read_rows(file, text, delimiter)
    if any(later - line > _CELL_LINES for (line, _), (later, _) in pairwise([*rows, (text.count("\n") + 1, [])])):
        # a quotation mark that is never closed swallows all that follows: where it is no quoting, each line is a row
        plain = _read_rows(file, text, delimiter, quoted=False)
        if sum(len(cells) == len(rows[0][1]) for _, cells in plain) > 0.9 * len(plain):
            rows = plain
    return rows, delimiter


def _read_rows(file: Path, text: str, delimiter: str, quoted: bool = True) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in _parsed(text, delimiter, quoted):
            rows.append(row)
            if len(rows) > limits.CSV_ROWS + 1:
                raise InputError(f"{file.name} has more than {limits.CSV_ROWS:,} rows, the limit. Split it.")
            if len(row[1]) > limits.CSV_COLUMNS:
                raise InputError(
                    f"{file.name}, line {row[0]}: {len(row[1]):,} cells, over the limit of {limits.CSV_COLUMNS:,}. "
                    "Keep the columns with sentences and labels."
                )
    except csv.Error as error:
        raise InputError(f"{file.name}, after line {rows[-1][0] if rows else 0}: {error}. Mend that row.") from None
    return rows


def _consistency(sample: str, delimiter: str) -> float:
    """How much the rows look cut by `delimiter`: the share of rows with the commonest width over one."""
    try:
        widths = Counter(len(cells) for _, cells in _parsed(sample, delimiter))
    except csv.Error:
        return -1.0
    common = max((count for width, count in widths.items() if width > 1), default=0)
    return common / max(1, sum(widths.values()))


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
    names = {text.strip().lower() for text in first}
    if names & set(TEXT_NAMES) and names & set(LABEL_NAMES):
        return first
    if any(text.strip().isdigit() or canonical_emoji(text) for text in first) or len(rows) < 3:
        return []
    named = sum(text.strip().lower() in TEXT_NAMES + LABEL_NAMES for text in first)
    short = max(len(text.split()) for text in first)
    if named and short <= 2:
        return first
    return first if short <= 4 and any(_heads(rows, column) for column in range(len(first))) else []


def _heads(rows: list[tuple[int, list[str]]], column: int) -> bool:
    """Whether the first cell of a column occurs once while the others recur, as labels do.

    Were it a label after all, it would be one with a single sentence, which nothing can learn.
    """
    below = Counter(cell(cells, column).lower() for _, cells in rows[1:])
    return 2 * len(below) <= len(rows) - 1 and cell(rows[0][1], column).lower() not in below
