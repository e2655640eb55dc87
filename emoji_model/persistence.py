"""Model folders: `config.json` and `model.safetensors`, checked before anything in them is used.

A folder is also what the Hub calls a model repository. `model.keras` and `README.md` lie beside
for people; neither is ever read here. No `.keras`, `.h5`, pickle or archive is opened: those
formats can execute or read what they like. Visitors' files are not covered: only folders of this form.
"""

import json
import os
import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save_file

from emoji_model import hub, limits
from emoji_model.architecture import Architecture
from emoji_model.errors import InputError
from emoji_model.glove import DIMENSIONS
from emoji_model.ngrams import Ngrams
from emoji_model.overlay import Overlay
from emoji_model.recurrent import Array, RecurrentNetwork

OWN_VECTORS, NGRAMS = "own.vectors", "ngrams.kernel"
CONFIG, WEIGHTS, KERAS, CARD = "config.json", "model.safetensors", "model.keras", "README.md"
FORMAT = 1
SHIPPED = Path(__file__).resolve().parent.parent / "assets" / "models"
READ = {CONFIG: limits.CONFIG_BYTES, WEIGHTS: limits.MODEL_BYTES}
"""The files of a model folder that are read, and how large each may be."""
_DTYPES = {"F16", "F32"}


@dataclass(frozen=True, slots=True)
class ModelLabel:
    """A class of a model: the emoji shown, and its name in words."""

    emoji: str
    name: str


@dataclass(frozen=True)
class Model:
    """A network and what is needed to read its answers.

    Attributes:
        name: what people call it.
        network: the recurrent network.
        labels: one a class, in the order of the network's outputs.
        overlay: word vectors of its own, beside GloVe's.
        ngrams: a linear part, whose logits are added to the network's.
        slope: what the log odds of the first answer are multiplied by (see `calibration`).
        offset: what is added to them.
        threshold: the least confidence of the best class with which the model answers.
        word_vectors: name of the table the network was trained on.
        metrics: figures measured when it was trained.
        versions: what it was trained with.
    """

    name: str
    network: RecurrentNetwork
    labels: tuple[ModelLabel, ...]
    slope: float = 1.0
    offset: float = 0.0
    threshold: float = 0.0
    word_vectors: str = "glove.6B.50d"
    overlay: Overlay | None = None
    ngrams: Ngrams | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def shipped_models() -> list[str]:
    """The names of the models that come with the project, in the order they are offered."""
    names = sorted(p.name for p in SHIPPED.iterdir() if (p / CONFIG).is_file()) if SHIPPED.is_dir() else []
    return sorted(names, key=lambda name: name != "everyday")


def default_model() -> str:
    """The model that is used where none is named."""
    names = shipped_models()
    if not names:
        raise InputError(f"No model is installed in {SHIPPED}. Name a model folder.")
    return names[0]


def find_folder(name: str | os.PathLike[str]) -> Path:
    """The folder of a shipped model, of a path, or of a repository on the Hub, in this order.

    Raises:
        InputError: where there is none of this name.
    """
    text = os.fspath(name)
    if text in shipped_models():
        return SHIPPED / text
    if os.path.isdir(text):  # noqa: PTH112 - Path.is_dir raises on a name too long to be one
        return Path(text)
    if hub.is_repository(text) and not os.path.lexists(text):
        return hub.download(text, READ)
    raise InputError(
        f"There is no model {text[:200]!r}. Give one of {', '.join(shipped_models())}, a model folder, "
        "or a Hub repository as user/name."
    )


def load_model(name: str | os.PathLike[str]) -> Model:
    """The model in a folder, on the Hub, or among the shipped ones.

    Raises:
        InputError: naming the file that is missing, damaged, too large, or does not fit the others.
    """
    folder = find_folder(name)
    config = _read_config(folder / CONFIG)
    try:
        architecture = Architecture.from_dict(config.get("architecture"))
        labels = _read_labels(config.get("labels"), architecture.classes)
        slope = _number(config, "calibration", "slope", low=1e-3, high=1e3)
        offset = _number(config, "calibration", "offset", low=-1e3, high=1e3)
        threshold = _number(config, "calibration", "threshold", low=0.0, high=1.0)
    except InputError as error:
        raise InputError(f"{folder / CONFIG}: {error} Save the model again.") from None
    weights = _read_weights(folder / WEIGHTS)
    try:
        overlay = _read_overlay(config.get("own_words"), weights.pop(OWN_VECTORS, None), architecture.inputs)
        ngrams = _read_ngrams(weights.pop(NGRAMS, None), architecture.classes)
        network = RecurrentNetwork(architecture, weights)
    except InputError as error:
        raise InputError(f"{folder / WEIGHTS}: {error} Save the model again.") from None
    return Model(
        name=str(config.get("name") or Path(name).name)[:100],
        network=network,
        labels=labels,
        slope=slope,
        offset=offset,
        threshold=threshold,
        word_vectors=str(config.get("word_vectors", "glove.6B.50d"))[:100],
        overlay=overlay,
        ngrams=ngrams,
        metrics=config["metrics"] if isinstance(config.get("metrics"), dict) else {},
        versions=config["versions"] if isinstance(config.get("versions"), dict) else {},
    )


def check_writable(folder: str | os.PathLike[str]) -> None:
    """Makes `folder` where it is missing, and refuses one that cannot be written into.

    Raises:
        InputError: naming the folder.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target):
            pass
    except OSError as error:
        raise InputError(f"The model folder {target} cannot be written ({error}). Choose another folder.") from None


def save_model(model: Model, folder: str | os.PathLike[str]) -> Path:
    """Writes `config.json` and `model.safetensors` into `folder`, which is made where it is missing.

    Raises:
        InputError: where the folder cannot be written.
    """
    target = Path(folder)
    config = {
        "format": FORMAT,
        "model_type": "emoji_predictor",
        "name": model.name,
        "architecture": model.network.architecture.to_dict(),
        "labels": [{"emoji": label.emoji, "name": label.name} for label in model.labels],
        "calibration": {"slope": model.slope, "offset": model.offset, "threshold": model.threshold},
        "word_vectors": model.word_vectors,
        **({"own_words": " ".join(model.overlay.words)} if model.overlay else {}),
        "metrics": model.metrics,
        "versions": model.versions,
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        arrays = dict(model.network.weights) | ({OWN_VECTORS: model.overlay.matrix} if model.overlay else {})
        if model.ngrams:
            arrays[NGRAMS] = model.ngrams.kernel.astype(np.float32)
        save_file(
            {name: _smallest(array) for name, array in arrays.items()}, target / WEIGHTS, metadata={"format": "np"}
        )
        (target / WEIGHTS).chmod(0o644)  # safetensors leaves it readable by its owner alone
    except (OSError, SafetensorError) as error:
        raise InputError(f"The model folder {target} cannot be written ({error}). Choose another folder.") from None
    return target


def _read_bytes(path: Path, limit: int) -> bytes:
    if not path.is_file():
        raise InputError(f"{path} is missing: a model folder holds {CONFIG} and {WEIGHTS}. Save the model again.")
    size = path.stat().st_size
    if size > limit:
        raise InputError(f"{path} has {size:,} bytes, over the limit of {limit:,}. It is no model of this project.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from None


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(_read_bytes(path, limits.CONFIG_BYTES))
    except (ValueError, RecursionError) as error:  # also no text, or a number of too many digits
        raise InputError(f"{path} is not valid JSON ({error}). Save the model again.") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        received = config.get("format") if isinstance(config, dict) else type(config).__name__
        raise InputError(f'{path} must be an object with "format": {FORMAT}. Received: {str(received)[:40]!r}.')
    return config


def _read_labels(labels: Any, classes: int) -> tuple[ModelLabel, ...]:
    if not isinstance(labels, list) or len(labels) != classes:
        raise InputError(f"There must be {classes} labels, one a class.")
    try:
        read = tuple(ModelLabel(str(y["emoji"])[:60], str(y["name"])[:120]) for y in labels)
        "".join(label.emoji + label.name for label in read).encode()
    except (KeyError, TypeError, UnicodeEncodeError):
        raise InputError('Every label must be an object with "emoji" and "name", both of them text.') from None
    if len({label.emoji for label in read}) != len(read):
        raise InputError("Two labels are the same.")
    return read


def _read_overlay(words: Any, matrix: Array | None, inputs: int) -> Overlay | None:
    """The word vectors of a model's own, which must be as wide as what its network reads beyond GloVe."""
    if words is None and matrix is None:
        return None
    if not isinstance(words, str) or matrix is None:
        raise InputError(f'"own_words" in {CONFIG} and {OWN_VECTORS!r} must both be there, or neither.')
    if not np.isfinite(matrix).all():
        raise InputError(f"The array {OWN_VECTORS!r} holds values that are not finite numbers.")
    overlay = Overlay(words.split(" "), matrix)
    if DIMENSIONS + overlay.width != inputs:
        raise InputError(f"The network reads {inputs} numbers a word. Received: {DIMENSIONS} and {overlay.width} more.")
    return overlay


def _read_ngrams(kernel: Array | None, classes: int) -> Ngrams | None:
    """The linear part, which must have a weight for each class."""
    if kernel is None:
        return None
    with np.errstate(over="ignore"):
        ngrams = Ngrams(kernel.astype(np.float16))
    if ngrams.kernel.shape[1] != classes:
        raise InputError(f"The array {NGRAMS!r} must have {classes} columns. Received: {ngrams.kernel.shape[1]}.")
    return ngrams


def half(array: Array) -> Array:
    """`array` rounded to half precision, still float32: what trained weights are kept in, at half the size."""
    with np.errstate(over="ignore"):
        return array.astype(np.float16).astype(np.float32)


def _smallest(array: Array) -> npt.NDArray[np.floating[Any]]:
    """`array` in half precision where that loses nothing."""
    return array.astype(np.float16) if np.array_equal(half(array), array) else array


def _number(config: dict[str, Any], part: str, name: str, low: float, high: float) -> float:
    section = config.get(part)
    value = section.get(name) if isinstance(section, dict) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{part}.{name} must be a number from {low:g} to {high:g}. Received: {str(value)[:40]}.")
    return float(value)


def _read_weights(path: Path) -> dict[str, Array]:
    content = _read_bytes(path, limits.MODEL_BYTES)
    try:
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length]) if length <= limits.CONFIG_BYTES else None
        kinds = {entry["dtype"] for name, entry in header.items() if name != "__metadata__"} if header else None
        if kinds is None or not kinds <= _DTYPES:
            raise InputError(f"{path} must hold 16 or 32 bit floats only. Save the model again.")
        return {name: np.asarray(array, np.float32) for name, array in load_arrays(content).items()}
    except InputError:
        raise
    except (SafetensorError, struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is damaged ({str(error)[:120]}). Save or download the model again.") from None
