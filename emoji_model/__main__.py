"""The command line: `python -m emoji_model predict | evaluate | train | coverage`.

Exit status 0 is done, 2 is bad input with one line on standard error. With `--json`, one JSON
document stands on standard output and nothing else.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.predictor import EmojiPredictor


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with an option."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        result = options.run(options)
        if options.json:
            print(json.dumps(result, ensure_ascii=False))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (InputError, OSError) as error:
        print(f"{parser.prog}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m emoji_model", description="Emoji for English sentences.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="the emoji that fit a sentence best")
    predict.add_argument("sentence")
    predict.add_argument("--top", type=int, default=5, metavar="N", help="how many emoji (default 5)")
    predict.set_defaults(run=_predict)

    evaluate = commands.add_parser("evaluate", help="figures of a model on a CSV of labelled sentences")
    evaluate.add_argument("data", metavar="DATA.csv")
    evaluate.set_defaults(run=_evaluate)

    coverage = commands.add_parser("coverage", help="the share of a CSV's tokens that have a word vector")
    coverage.add_argument("data", metavar="DATA.csv")
    coverage.set_defaults(run=_coverage)

    for command in (predict, evaluate):
        command.add_argument("--model", metavar="M", help="a shipped model, a model folder, or user/name on the Hub")

    train = commands.add_parser("train", help="a model of your own from a CSV of labelled sentences")
    train.add_argument("data", metavar="DATA.csv")
    train.add_argument("--output", required=True, metavar="DIR", help="the model folder to write")
    train.add_argument("--test", metavar="TEST.csv", help="measure on these sentences instead of held-out ones")
    train.add_argument("--architecture", metavar="A", help="lstm, gru, simple_rnn or bilstm (the everyday network's)")
    train.add_argument("--start", metavar="S", help="everyday (default) or scratch; other architectures: scratch")
    train.add_argument("--epochs", type=int, metavar="N", help="at most; stops by itself where not given")
    train.add_argument("--seed", type=int, default=7, metavar="N", help="of the split and the weights (default 7)")
    train.add_argument("--name", metavar="NAME", help="what the model is called (default: the folder's name)")
    train.add_argument("--compare", nargs="+", default=[], metavar="A", help="train these architectures beside it")
    train.set_defaults(run=_train)

    for command in (predict, evaluate, coverage, train):
        command.add_argument("--vectors", metavar="PATH", help="a GloVe text file, or a .npy with its words beside it")
        command.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        print(text)


def _predictor(options: argparse.Namespace) -> EmojiPredictor:
    return EmojiPredictor.from_pretrained(options.model, WordVectors.open(options.vectors))


def _predict(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = _predictor(options).predict(options.sentence, options.top)
    for prediction in found:
        _say(options, f"{prediction.emoji}  {prediction.confidence:6.1%}  {prediction.name}")
    if not found:
        _say(options, "Not sure: no emoji fits well enough.")
    return [{"emoji": p.emoji, "name": p.name, "confidence": round(p.confidence, 6)} for p in found]


def _evaluate(options: argparse.Namespace) -> dict[str, float | int]:
    from emoji_model.dataset import read_csv
    from emoji_model.evaluation import evaluate

    dataset, _ = read_csv(options.data)
    predictor = _predictor(options)
    figures = evaluate(
        predictor.probabilities(dataset.sentences), [label.emoji for label in predictor.labels], dataset
    ).summary()
    for name, value in figures.items():
        _say(options, f"{name:10} {value:.4f}" if isinstance(value, float) else f"{name:10} {value}")
    return figures


def _coverage(options: argparse.Namespace) -> dict[str, float | int]:
    from emoji_model.dataset import read_sentences
    from emoji_model.text import tokenize

    vectors = WordVectors.open(options.vectors)
    tokens = known = 0
    for sentence in read_sentences(options.data):
        read = tokenize(sentence, vectors)
        tokens += len(read)
        known += sum(token.known for token in read)
    share = known / tokens if tokens else 0.0
    _say(options, f"{known:,} of {tokens:,} tokens are in {vectors.name}: {share:.2%}")
    return {"tokens": tokens, "known": known, "share": share}


def _train(options: argparse.Namespace) -> dict[str, Any]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from pathlib import Path

    from emoji_model import job as jobs
    from emoji_model.options import TrainingOptions, begin_with

    architecture, start = begin_with(options.architecture, options.start)
    job = jobs.Job(
        options.data,
        options.output,
        options.test,
        options=TrainingOptions(architecture, start, options.epochs, seed=options.seed),
        compare=tuple(options.compare),
        name=options.name or Path(options.output).resolve().name,
    )
    material = jobs.read(job)
    report = material.report
    _say(options, f"{report.rows_used:,} of {report.rows_read:,} rows are used, {len(report.class_counts)} labels.")
    for warning in report.warnings:
        _say(options, f"Note: {warning}")
    if material.seen:
        _say(
            options,
            f"Note: {material.seen:,} of the test sentences are also learned from: the figures will be too good.",
        )
    outcome = jobs.run(
        job, material, WordVectors.open(options.vectors), lambda kind, p: _report_epoch(options, kind, p)
    )
    figures = outcome.figures
    for kind, measured in figures["architectures"].items():
        _say(options, f"{kind}: accuracy {measured['accuracy']:.3f} on {figures['tested_on']} data")
    _say(options, f"Saved to {outcome.output}.")
    summary = {name: figures[name] for name in ("n", "accuracy", "macro_f1", "hit@1", "hit@3", "hit@5", "ece")}
    return {
        "output": outcome.output,
        "trained_on": figures["trained_on"],
        "tested_on": figures["tested_on"],
        **summary,
    }


def _report_epoch(options: argparse.Namespace, kind: str, progress: Any) -> None:
    line = (
        f"{kind} epoch {progress.epoch:3}  loss {progress.loss:.3f}  accuracy {progress.accuracy:.3f}  "
        f"held out: loss {progress.held_out_loss:.3f}  accuracy {progress.held_out_accuracy:.3f}"
    )
    print(line, file=sys.stderr if options.json else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
