from dataclasses import replace

from emoji_model import modelcard
from emoji_model.persistence import Model

FIGURES = {
    "n": 10,
    "accuracy": 0.9,
    "macro_f1": 0.8,
    "interval": [0.6, 0.98],
    "ece": 0.04,
    "tested_on": "test",
    "trained_on": 1234,
}


def test_a_card_without_figures_still_says_what_the_model_is(model: Model) -> None:
    card = modelcard.render(model)
    assert card.startswith("---\nlicense: mit\n")
    assert "LSTM of 8 and LSTM of 6" in card
    assert "❤️ 🍕 😢" in card
    assert "## Figures" not in card


def test_a_card_shows_its_figures(model: Model) -> None:
    rows = {name: FIGURES | {"epochs": 3} for name in ("lstm", "gru", "simple_rnn")}
    kinds = [{"label": "🍕", "precision": 1.0, "recall": 0.5, "f1": 0.667, "support": 4}]
    baselines = {"largest class": {"accuracy": 0.3, "macro_f1": 0.1}}
    metrics = FIGURES | {"architectures": rows, "classes": kinds, "baselines": baselines}
    card = modelcard.render(replace(model, metrics=metrics))
    for line in (
        "trained with Keras  on 1,234 labelled sentences", "| this network | 0.900 | 0.800 |", "| largest class | 0.300 | 0.100 |",
        "| simple RNN | 0.900 | 0.800 | 0.040 | 3 |", "| 🍕 | 0.500 | 1.000 | 0.667 | 4 |", "0.600 to 0.980",
    ):  # fmt: skip
        assert line in card
