"""A sorted word list: find a word's rank, or the most frequent word with a prefix, by bisection.

The list is two Arrow columns (the words in byte order, their ranks). Written once to the user's
cache folder it is memory-mapped, so opening takes a millisecond and processes share its pages;
where no cache can be written it is built in memory in a third of a second.
"""

import hashlib
import os
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

_FORMAT = 1


class WordIndex:
    """The words of a table in byte order, with their ranks.

    Args:
        table: Arrow table with the columns `word` (string, in byte order) and `rank` (int32).
    """

    def __init__(self, table: pa.Table) -> None:
        words = table.column("word").combine_chunks()
        _, offsets, data = words.buffers()
        self._table = table
        starts = np.frombuffer(offsets, np.int32)[words.offset : words.offset + len(words) + 1]
        self._offsets: memoryview[int] = starts.data  # plain integers: several times faster than NumPy scalars
        self._bytes = memoryview(data) if data is not None else memoryview(b"")
        ranks = table.column("rank").combine_chunks()  # read by its buffer: to_numpy() would import pandas
        self._ranks = np.frombuffer(ranks.buffers()[1], np.int32)[ranks.offset : ranks.offset + len(ranks)]

    @classmethod
    def build(cls, words: Sequence[str]) -> "WordIndex":
        """The index of `words`, given in frequency order; of a repeated word the first counts."""
        import pyarrow.compute as compute

        column = pa.array(words, pa.string())
        order = compute.sort_indices(column).cast(pa.int32())
        return cls(pa.table({"word": column.take(order), "rank": order}))

    @classmethod
    def cached(cls, source: Path, words: Callable[[], Sequence[str]]) -> "WordIndex":
        """The index of `words()`, mapped from the cache entry that belongs to the file `source`."""
        stat = source.stat()
        key = hashlib.sha256(f"{_FORMAT}|{source}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:16]
        entry = _cache_folder() / f"words-{key}.arrow"
        try:
            return cls(pa.ipc.open_file(pa.memory_map(str(entry))).read_all())
        except (OSError, pa.ArrowException, KeyError):
            index = cls.build(words())
        with suppress(OSError):  # a read-only home: the index in memory serves as well
            _write(index._table, entry)
        return index

    def __len__(self) -> int:
        return len(self._ranks)

    def __getitem__(self, position: int) -> bytes:
        return bytes(self._bytes[self._offsets[position] : self._offsets[position + 1]])

    def find(self, word: str) -> int | None:
        """The rank of `word`, `None` where it is not in the list."""
        key = word.encode("utf-8", "surrogatepass")
        position = bisect_left(self, key)
        if position == len(self) or self[position] != key:
            return None
        return int(self._ranks[position])

    def complete(self, prefix: str) -> str | None:
        """The most frequent word that starts with `prefix`, `None` where there is none."""
        key = prefix.encode("utf-8", "surrogatepass")
        start, end = bisect_left(self, key), bisect_left(self, key + b"\xff")
        if start == end:
            return None
        return self[start + int(np.argmin(self._ranks[start:end]))].decode("utf-8")


def _cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "emoji-model"


def _write(table: pa.Table, entry: Path) -> None:
    """Writes beside the entry, then moves it there: a reader never sees half a file."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.NamedTemporaryFile(dir=entry.parent, delete=False) as scratch,
        pa.ipc.new_file(scratch, table.schema) as writer,
    ):
        writer.write_table(table)
    Path(scratch.name).replace(entry)
