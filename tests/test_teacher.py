from importlib import metadata

import numpy as np
import pytest

from emoji_model import teacher
from emoji_model.errors import InputError


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    for ask in (
        lambda: teacher.soft_labels(["a"], np.ones((1, 2), np.float32), ["b"]),
        lambda: teacher.word_features(["a"], 1),
    ):
        with pytest.raises(InputError, match=f"pip install {teacher.PACKAGE}"):
            ask()


def test_batches_hold_every_row_once_and_rows_of_like_length_together() -> None:
    tokens = [[1] * (1 + i % 17) for i in range(500)]
    batches = list(teacher._batches(tokens, np.random.default_rng(0)))
    assert sorted(i for batch in batches for i in batch) == list(range(500))
    spread = [max(len(tokens[i]) for i in batch) - min(len(tokens[i]) for i in batch) for batch in batches]
    assert np.mean(spread) <= 2
