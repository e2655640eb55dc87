import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from emoji_model.errors import InputError
from emoji_model.glove import DIMENSIONS, WordVectors, read_text

ROW = " ".join(["0.5"] * DIMENSIONS)


def test_the_real_table(vectors: WordVectors) -> None:
    assert len(vectors) == 400_000
    assert vectors.matrix.shape == (400_000, DIMENSIONS)
    assert vectors.rank("the") == 0
    assert "pizza" in vectors
    assert "zxqvw" not in vectors
    # the first numbers of "the" in Stanford's own file
    np.testing.assert_allclose(vectors.vectors(["the"])[0, :3], [0.418, 0.24968, -0.41242], atol=1e-6)


def test_near_words_are_near(vectors: WordVectors) -> None:
    love, adore, carburetor = vectors.vectors(["love", "adore", "carburetor"])
    near, far = (float(love @ v / np.linalg.norm(love) / np.linalg.norm(v)) for v in (adore, carburetor))
    assert near > far + 0.2


def test_the_table_is_mapped_not_read(vectors: WordVectors) -> None:
    base = vectors.matrix
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base  # type: ignore[assignment]
    assert isinstance(base, np.memmap)


def test_completion_prefers_the_most_frequent_word(vectors: WordVectors) -> None:
    assert vectors.complete("piz") == "pizza"
    assert vectors.complete("birthd") == "birthday"
    assert vectors.complete("zzzzzzzzq") is None


def test_unknown_words_have_no_row(vectors: WordVectors) -> None:
    assert vectors.vectors(["love", "zxqvw", "you"]).shape == (2, DIMENSIONS)
    assert vectors.vectors([]).shape == (0, DIMENSIONS)


def test_a_text_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(f"love {ROW}\npizza {ROW}\n", encoding="utf-8")
    table = WordVectors.open(path)
    assert (len(table), table.rank("pizza"), table.name) == (2, 1, "mine")


def test_an_array_with_its_words_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "mine.npy", np.ones((2, DIMENSIONS), np.float32))
    (tmp_path / "mine.txt").write_text("love\npizza\n", encoding="utf-8")
    monkeypatch.setenv("EMOJI_MODEL_GLOVE", str(tmp_path / "mine.npy"))
    assert WordVectors.open().rank("pizza") == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("pizza 1 2 3", "line 2: 50 finite numbers were expected after the word 'pizza'. Received: 3"),
        (f"pizza {ROW} 7", "Received: 51"),
        ("pizza " + ROW.replace("0.5", "x", 1), "line 2: a word and 50 numbers were expected"),
        ("pizza " + ROW.replace("0.5", "nan", 1), "line 2"),
        ("", "line 2"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "broken.txt"
    path.write_text(f"love {ROW}\n{line}\nlast {ROW}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.txt") as caught:
        read_text(path)
    assert says in str(caught.value)


def test_wrong_arrays_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("love\n", encoding="utf-8")
    wrong: list[tuple[npt.NDArray[Any], str]] = [
        (np.ones((1, 100), np.float32), "50 numbers each"),
        (np.ones((2, DIMENSIONS), np.float32), "1 words and 2 vectors"),
        (np.ones((1, DIMENSIONS), np.int64), "floating-point"),
    ]
    for array, says in wrong:
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(InputError, match=says):
            WordVectors.open(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY damaged")
    with pytest.raises(InputError, match="not a NumPy array"):
        WordVectors.open(tmp_path / "a.npy")
    with pytest.raises(InputError, match="is no file"):
        WordVectors.open(tmp_path / "missing.txt")
    np.save(tmp_path / "b.npy", np.ones((1, DIMENSIONS), np.float32))
    with pytest.raises(InputError, match="needs its words"):
        WordVectors.open(tmp_path / "b.npy")


def test_an_array_of_objects_is_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "a.txt").write_text("love\n", encoding="utf-8")
    with pytest.raises(InputError, match="not a NumPy array"):
        WordVectors.open(tmp_path / "a.npy")


def test_without_the_package_and_the_network_one_line_says_what_to_do() -> None:
    code = (
        "import emoji_model.glove as g; g.PACKAGE = 'no-such-package'\n"
        "from emoji_model.errors import InputError\n"
        "try: g.WordVectors.open()\n"
        "except InputError as e: print(e)"
    )
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert "pip install" in done.stdout
    assert "could not be fetched" in done.stdout
    assert "Traceback" not in done.stderr


def test_what_is_no_word_leaves_no_trace(vectors: WordVectors) -> None:
    secret = "qzxsecretqzx"
    assert vectors.rank(secret) is None
    assert secret not in vars(vectors)["_ranks"]


@pytest.mark.parametrize("kind", ["archive", "latin-1", "nan", "text"])
def test_arrays_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    matrix = np.zeros((2, 50), np.float32)
    words = "caf\xe9\nb\n".encode("latin-1" if kind == "latin-1" else "utf-8")
    if kind == "nan":
        matrix[1, 3] = np.nan
    if kind == "archive":
        with (tmp_path / "mine.npy").open("wb") as file:
            np.savez(file, matrix)
    elif kind == "text":
        (tmp_path / "mine.npy").write_text("no array", encoding="utf-8")
    else:
        np.save(tmp_path / "mine.npy", matrix)
    (tmp_path / "mine.txt").write_bytes(words)
    with pytest.raises(InputError, match="mine") as caught:
        WordVectors.open(tmp_path / "mine.npy")
    assert "\n" not in str(caught.value)
