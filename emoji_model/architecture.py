"""What a recurrent network is made of: its layers, and the names and shapes of its arrays."""

from dataclasses import dataclass
from typing import Any

from emoji_model import limits
from emoji_model.errors import InputError

GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
"""How many blocks of `units` columns the kernel of each cell has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One recurrent layer: its cell (a key of `GATES`), its width, whether it reads both ways."""

    cell: str
    units: int
    bidirectional: bool = False

    @property
    def width(self) -> int:
        """How many numbers it gives at every step."""
        return self.units * (2 if self.bidirectional else 1)

    @property
    def directions(self) -> tuple[str, ...]:
        """The ways it reads a sentence."""
        return ("forward", "backward") if self.bidirectional else ("forward",)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A stack of recurrent layers over word vectors, and a dense layer over the last state of each direction.

    Attributes:
        inputs: numbers in a word vector.
        layers: the stack, first layer first; all but the last pass on every step.
        classes: width of the dense layer.
    """

    inputs: int
    layers: tuple[Layer, ...]
    classes: int

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every array that such a network has."""
        shapes: dict[str, tuple[int, ...]] = {}
        width = self.inputs
        for number, layer in enumerate(self.layers):
            columns = GATES[layer.cell] * layer.units
            for direction in layer.directions:
                prefix = f"recurrent.{number}.{direction}"
                shapes[f"{prefix}.kernel"] = (width, columns)
                shapes[f"{prefix}.recurrent_kernel"] = (layer.units, columns)
                shapes[f"{prefix}.bias"] = (2, columns) if layer.cell == "gru" else (columns,)
            width = layer.width
        return shapes | {"dense.kernel": (width, self.classes), "dense.bias": (self.classes,)}

    def to_dict(self) -> dict[str, Any]:
        """The form that stands in `config.json`."""
        layers = [{"cell": y.cell, "units": y.units, "bidirectional": y.bidirectional} for y in self.layers]
        return {"inputs": self.inputs, "layers": layers, "classes": self.classes}

    @classmethod
    def from_dict(cls, config: Any) -> "Architecture":
        """The architecture that a `config.json` describes.

        Raises:
            InputError: where a part is missing, of the wrong kind or beyond `limits`.
        """
        try:
            layers = tuple(Layer(str(y["cell"]), y["units"], bool(y["bidirectional"])) for y in config["layers"])
            architecture = cls(config["inputs"], layers, config["classes"])
        except (KeyError, TypeError) as error:
            raise InputError(f"The architecture lacks a part or has one of the wrong kind ({error}).") from None
        _between("inputs", architecture.inputs, 1, limits.MODEL_UNITS)
        _between("classes", architecture.classes, 2, limits.MODEL_CLASSES)
        _between("number of layers", len(layers), 1, limits.MODEL_LAYERS)
        for layer in layers:
            _between("units", layer.units, 1, limits.MODEL_UNITS)
            if layer.cell not in GATES:
                raise InputError(f"The cell must be one of {', '.join(GATES)}. Received: {layer.cell[:40]!r}.")
        return architecture


def _between(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"The architecture's {name} must be from {low} to {high:,}. Received: {str(value)[:40]}.")
