from itertools import product

import pytest

from emoji_model.architecture import GATES, Architecture, Layer
from emoji_model.errors import InputError

ARCHITECTURES = [
    Architecture(10, layers, 5)
    for cell, bidirectional in product(GATES, (False, True))
    for layers in (
        (Layer(cell, 7, bidirectional),),
        (Layer(cell, 7, bidirectional), Layer(cell, 6, bidirectional)),
    )
] + [Architecture(10, (Layer("gru", 5, True), Layer("lstm", 4), Layer("simple_rnn", 3, True)), 4)]


def describe(architecture: Architecture) -> str:
    return "+".join(f"{'bi-' if y.bidirectional else ''}{y.cell}" for y in architecture.layers)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=describe)
def test_the_configuration_goes_round(architecture: Architecture) -> None:
    assert Architecture.from_dict(architecture.to_dict()) == architecture


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": 0}, "inputs"), ({"classes": 1}, "classes"), ({"classes": 10**9}, "classes"), ({"classes": True}, "classes"),
        ({"layers": []}, "number of layers"), ({"layers": [{}]}, "lacks a part"), ({"layers": 3}, "wrong kind"),
        ({"layers": [{"cell": "evil", "units": 3, "bidirectional": False}]}, "cell must be one of"),
        ({"layers": [{"cell": "lstm", "units": 10**9, "bidirectional": False}]}, "units"),
        ({"layers": [{"cell": "lstm", "units": "9", "bidirectional": False}]}, "units"),
    ],
)  # fmt: skip
def test_impossible_architectures_are_refused(change: dict[str, object], says: str) -> None:
    config = Architecture(10, (Layer("lstm", 7),), 5).to_dict() | change
    with pytest.raises(InputError, match=says):
        Architecture.from_dict(config)
