"""Fixtures shared by all tests: the real word vectors, a small table, and small random networks."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from emoji_model.architecture import Architecture, Layer
from emoji_model.glove import WordVectors
from emoji_model.persistence import Model, ModelLabel, save_model
from emoji_model.recurrent import RecurrentNetwork

settings.register_profile("untimed", deadline=None)  # how fast the machine is, is no matter of a test
settings.load_profile("untimed")

WORDS = ("the", ".", ",", "i", "a", "love", "you", "pizza", "happy", "not", "n't", "do", "so", "pizzas", "haha", "sad")


@pytest.fixture(scope="session")
def vectors() -> WordVectors:
    """The real GloVe table."""
    return WordVectors.open()


@pytest.fixture(scope="session")
def few_vectors() -> WordVectors:
    """A table of sixteen words."""
    matrix = np.random.default_rng(0).normal(size=(len(WORDS), 50)).astype(np.float32)
    return WordVectors.from_words(WORDS, matrix, "few")


def random_network(architecture: Architecture, seed: int = 0, scale: float = 0.3) -> RecurrentNetwork:
    """A network of that architecture with normal weights."""
    random = np.random.default_rng(seed)
    shapes = architecture.shapes()
    return RecurrentNetwork(
        architecture, {name: random.normal(0, scale, shape).astype(np.float32) for name, shape in shapes.items()}
    )


@pytest.fixture
def model() -> Model:
    """A small random model of three emoji that never abstains."""
    architecture = Architecture(50, (Layer("lstm", 8), Layer("lstm", 6)), 3)
    labels = (ModelLabel("❤️", "red heart"), ModelLabel("🍕", "pizza"), ModelLabel("😢", "crying face"))
    return Model("small", random_network(architecture), labels, threshold=0.0)


@pytest.fixture
def model_folder(model: Model, tmp_path: Path) -> Path:
    """That model, saved."""
    return save_model(model, tmp_path / "small")


WriteCsv = Callable[..., Path]


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Writes rows, or text, or bytes, to a file and returns its path."""

    def write(content: Sequence[Sequence[str]] | str | bytes, name: str = "data.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode(encoding))
        else:
            with path.open("w", encoding=encoding, newline="") as file:
                csv.writer(file).writerows(content)
        return path

    return write
