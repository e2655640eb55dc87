"""Sentences a second in bulk, through `predict_many`. Run `python -m tests.benchmarks.bulk [--model M]`."""

import argparse
import csv
from pathlib import Path
from time import perf_counter

from emoji_model import EmojiPredictor
from tests.benchmarks.table import show, verdict

CORPORA = Path(__file__).resolve().parent.parent.parent / "assets" / "corpora"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="a shipped model or a model folder")
    options = parser.parse_args()
    predictor = EmojiPredictor.from_pretrained(options.model)
    with (CORPORA / "classic_train.csv").open(encoding="utf-8", newline="") as file:
        own = [row[0] for row in csv.reader(file)]
    sentences = (own * (10_000 // len(own) + 1))[:10_000]
    predictor.predict_many(sentences[:500])
    speeds = []
    for _ in range(3):
        start = perf_counter()
        predictor.predict_many(sentences)
        speeds.append(len(sentences) / (perf_counter() - start))
    rows = [(f"round {i}", f"{speed:,.0f}") for i, speed in enumerate(speeds, start=1)]
    show(f"10,000 sentences in bulk, model {predictor.model.name}", ("", "sentences a second"), rows)
    verdict("sentences a second", sorted(speeds)[1], 3_000, at_most=False)


if __name__ == "__main__":
    main()
