"""One prediction of a 12-word sentence: ours, and three ways of asking Keras.

Run `python -m tests.benchmarks.prediction [--model M]`.
"""

import argparse
import os
from collections.abc import Callable
from statistics import median
from time import perf_counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

BURST = 10
SENTENCE = "we finally won the game tonight and everybody is going out for pizza"


def milliseconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median time of each way, all taken in turn so that a noisy moment hits them alike.

    Each is called in bursts, as by somebody who types: after one call of Keras the next prediction finds the
    processor's caches full of Keras, which no page ever does to it.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        for _ in range(5):
            way()
    for _ in range(rounds):
        for name, way in ways.items():
            for _ in range(BURST):
                start = perf_counter()
                way()
                times[name].append((perf_counter() - start) * 1_000)
    return {name: median(taken) for name, taken in times.items()}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="a shipped model or a model folder")
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()

    import keras
    import tensorflow as tf

    from emoji_model import EmojiPredictor
    from emoji_model.persistence import KERAS, default_model, find_folder
    from tests.benchmarks.table import show, verdict

    name = options.model or default_model()
    predictor = EmojiPredictor.from_pretrained(name)
    model = keras.models.load_model(find_folder(name) / KERAS)
    tokens = [token.text for token in predictor.tokenize(SENTENCE)]
    vectors = predictor.vectors_of(SENTENCE)[None]
    tensor = tf.constant(vectors)
    signature = [tf.TensorSpec((1, None, vectors.shape[2]))]
    traced = tf.function(lambda x: model(x, training=False), input_signature=signature)
    ways: dict[str, Callable[[], object]] = {
        "ours: tokens to ranking": lambda: predictor.predict(SENTENCE, abstain=False),
        "ours: network alone": lambda: predictor.model.network.forward(vectors[0]),
        "Keras, traced tf.function, network alone": lambda: traced(tensor).numpy(),
        "Keras, called directly, network alone": lambda: model(tensor, training=False).numpy(),
        "Keras predict, network alone": lambda: model.predict(vectors, verbose=0),
    }
    taken = milliseconds(ways, options.rounds)
    ours = taken["ours: tokens to ranking"]
    rows = [(way, f"{ms:.3f}", f"{ms / ours:.1f}") for way, ms in taken.items()]
    show(f"One prediction of {len(tokens)} tokens, model {name}", ("", "median ms", "times ours"), rows)
    verdict("ours, ms", ours, 1.0)
    verdict("Keras predict / ours", taken["Keras predict, network alone"] / ours, 50, at_most=False)


if __name__ == "__main__":
    main()
