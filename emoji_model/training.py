"""Trains a recurrent network on labelled sentences, and measures it honestly.

It begins from the shipped everyday network (transfer learning, as Felbo et al., "Using millions of
emoji occurrences to learn any-domain representations", 2017), or from scratch. A stratified part is
held out; training stops where the held-out loss no longer falls, and the best state is kept. Rare
labels are corrected for, confidences calibrated, and a threshold chosen on that part. The report
sets the figures beside two others on the same split: TF-IDF with logistic regression, and always
guessing the largest class.

Importing this module imports TensorFlow: only the process that trains does so.
"""

import gc
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from emoji_model import limits, modelcard, network, transfer
from emoji_model.architecture import Architecture
from emoji_model.baselines import measure_baselines
from emoji_model.batches import CorpusWords, corpus_words
from emoji_model.calibration import balance, calibrate, match_counts
from emoji_model.dataset import Dataset, check_trainable
from emoji_model.errors import InputError
from emoji_model.evaluation import Evaluation, Mistake, evaluate, mistakes
from emoji_model.glove import WordVectors
from emoji_model.head import GAIN as HEAD_GAIN
from emoji_model.head import PATIENCE as HEAD_PATIENCE
from emoji_model.head import Head
from emoji_model.labels import ARTICLE_EMOJI, Label
from emoji_model.learning import PLENTY, early_stopping, epochs, train_layers
from emoji_model.linear import fit_ngrams
from emoji_model.options import EpochProgress, TrainingOptions, check_options
from emoji_model.persistence import KERAS, Model, ModelLabel, half, load_model, save_model
from emoji_model.predictor import EmojiPredictor
from emoji_model.recurrent import Array, RecurrentNetwork
from emoji_model.targets import targets
from emoji_model.text import without_residue
from emoji_model.watch import Watch

MATCHED = 1_000
"""From so many held-out sentences on, each class is answered as often as it occurs; below, that is too noisy."""
QUICK = 5_000
"""Up to so many sentences the simpler ways are measured in a second, and so even where training is stopped."""


@dataclass(frozen=True)
class TrainingResult:
    """A trained model and what was measured on the way.

    Attributes:
        model: the network at its best epoch, with labels and calibration.
        keras_model: the same network in Keras.
        evaluation: figures on the held-out (or test) sentences.
        baselines: accuracy and macro-F1 of the simpler ways on the same sentences.
        history: one entry an epoch.
        trained_on: number of sentences that were learned from.
        tested_on: "held-out" or "test".
        mistakes: the held-out (or test) sentences it gets wrong, most confident first.
    """

    model: Model
    keras_model: keras.Sequential
    evaluation: Evaluation
    baselines: dict[str, dict[str, Any]]
    history: tuple[EpochProgress, ...]
    trained_on: int
    tested_on: str
    mistakes: tuple[Mistake, ...] = ()
    options: TrainingOptions = field(default_factory=TrainingOptions)


def fit(
    dataset: Dataset,
    vectors: WordVectors,
    options: TrainingOptions | None = None,
    test: Dataset | None = None,
    name: str = "custom",
    on_epoch: Callable[[EpochProgress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    on_measure: Callable[[], None] | None = None,
) -> TrainingResult:
    """Trains on `dataset` and returns the best state, measured.

    Args:
        dataset: the sentences, with the first label of each as the one to learn.
        vectors: the word vectors; they stay as they are.
        options: see `TrainingOptions`.
        test: sentences of their own to report figures on; the held-out part then only stops and calibrates.
        name: what the model is called.
        on_epoch: called after every epoch.
        stop: asked after every batch; training ends at once, with the best state so far, where it returns true, and
            with many sentences no simpler way is measured then.
        on_measure: called when the network has learned and is measured.

    Raises:
        InputError: where the dataset or the options cannot be trained with, or it is stopped in the first epoch.
    """
    options = options or TrainingOptions()
    check_options(options)
    check_trainable(dataset)
    _be_deterministic(options.seed)
    base = load_model(transfer.BASE) if options.start == "everyday" else None
    labels = _classes(dataset)
    position = {label.text: i for i, label in enumerate(labels)}
    gold = np.array([position[label.text] for label in dataset.firsts])
    train_rows, held_rows = _split(gold, options)
    train, held_out = _part(dataset, train_rows), _part(dataset, held_rows)
    counts = np.bincount(gold[train_rows], minlength=len(labels))
    vocabulary = transfer.vocabulary(train, vectors, base)
    plenty = len(train) >= PLENTY
    if plenty:
        dataset, train_rows = _with_bare_copies(dataset, train_rows)
        gold = np.array([position[label.text] for label in dataset.firsts])
    words = corpus_words(dataset.sentences, vocabulary)
    architecture = transfer.architecture(options, len(labels), vocabulary.width, base)
    model = network.build(architecture, options.dropout)
    weights = network.export_weights(model, architecture)
    if base:
        network.import_weights(model, architecture, transfer.begin_from(base, weights, architecture, labels))
    moves = vocabulary.overlay is not None and len(train) >= transfer.MANY
    trained = network.trainable(model, words, np.ones(len(words.words), bool) if moves else None)
    split = _readable(words, train_rows), _readable(words, held_rows)
    wanted = targets(dataset, labels)
    watch = Watch(options.epochs or epochs(options, len(train)) or limits.TRAINING_EPOCHS, on_epoch, stop)
    few = base and architecture.layers == base.network.architecture.layers and len(train) < transfer.MANY
    head = Head(model, words, wanted, base) if base and few else None
    if head:
        with watch.stopping(early := early_stopping(HEAD_PATIENCE, gain=HEAD_GAIN)):
            head.fit(split[0], watch.epochs, split[1], [early, watch])
    else:
        train_layers(trained, words, wanted, split, options, watch)
    history = watch.history
    if on_measure:
        on_measure()
    overlay = vocabulary.overlay
    if overlay and moves:
        overlay = transfer.learned(overlay, words.words, half(trained.get_layer("own").get_weights()[0][1:]))
    linear = None
    if plenty and not watch.stopped:
        linear = fit_ngrams(
            [dataset.sentences[i] for i in train_rows], gold[train_rows], len(labels), options.seed, stop
        )
    ngrams, bias = linear or (None, None)
    fitted = Model(
        name, _network(model, architecture, bias), tuple(ModelLabel(y.emoji, y.name) for y in labels),
        word_vectors=vectors.name, overlay=overlay, ngrams=ngrams,
    )  # fmt: skip
    logits = EmojiPredictor(fitted, vectors).logits(held_out.sentences)
    shift = match_counts(logits, counts) if len(logits) >= MATCHED else balance(logits, gold[held_rows], counts)
    accepted = [{position[y.text] for y in row if y.text in position} for row in held_out.labels]
    slope, offset, threshold = calibrate(logits + shift, accepted)
    fitted = replace(
        fitted, network=_network(model, architecture, shift), slope=slope, offset=offset, threshold=threshold
    )
    everyone = fitted
    if head:  # once the held-out part has told how long to learn, there is no reason to do without it
        head.refit(np.concatenate(split), 1 + int(np.argmin([progress.held_out_loss for progress in history])))
        everyone = replace(fitted, network=_network(model, architecture, shift))
    if linear:
        rows = np.concatenate([train_rows, held_rows])
        again = fit_ngrams([dataset.sentences[i] for i in rows], gold[rows], len(labels), options.seed, stop)
        if again:
            everyone = replace(fitted, ngrams=again[0], network=_network(model, architecture, again[1] - linear[1]))
    tested = test or held_out
    measured = everyone if test else fitted
    chances = EmojiPredictor(measured, vectors).probabilities(tested.sentences)
    evaluation = evaluate(chances, [label.emoji for label in labels], tested)
    stopped = watch.stopped or bool(stop and stop())
    baselines = measure_baselines(train, tested) if options.baselines and not (stopped and len(train) > QUICK) else {}
    figures = {
        "tested_on": "test" if test else "held-out",
        "trained_on": len(train),
        "epochs": len(history),
        "architecture": options.architecture,
        "start": options.start,
        "seed": options.seed,
        **evaluation.to_dict(),
        "baselines": baselines,
    }
    versions = {"python": platform.python_version(), "keras": keras.__version__, "tensorflow": tf.__version__}
    return TrainingResult(
        replace(everyone, metrics=figures, versions=versions),
        model,
        evaluation,
        baselines,
        tuple(history),
        len(train),
        "test" if test else "held-out",
        tuple(mistakes(chances, [label.emoji for label in labels], tested)),
        options,
    )


def save(result: TrainingResult, folder: str | Path, compared: Sequence[TrainingResult] = ()) -> Path:
    """Writes the whole model folder: weights, configuration, `model.keras` and the model card.

    Args:
        result: what was trained.
        folder: where to; made if missing.
        compared: other architectures on the same sentences, for the table in the card.

    Raises:
        InputError: where the folder cannot be written.
    """
    model = replace(result.model, metrics=result.model.metrics | {"architectures": architectures([result, *compared])})
    target = save_model(model, folder)
    try:
        result.keras_model.save(target / KERAS)
        (target / "README.md").write_text(modelcard.render(model), encoding="utf-8")
    except OSError as error:
        raise InputError(f"The model folder {target} cannot be written ({error}). Choose another folder.") from None
    return target


def forget() -> None:
    """Gives back the memory of past trainings."""
    keras.backend.clear_session()
    gc.collect()


def architectures(results: Sequence[TrainingResult]) -> dict[str, dict[str, float | int]]:
    """The figures of each architecture that was trained, by its name."""
    return {r.options.architecture: r.evaluation.summary() | {"epochs": len(r.history)} for r in results}


def _network(model: keras.Sequential, architecture: Architecture, shift: Array | None = None) -> RecurrentNetwork:
    """The network that a Keras model has become, its weights rounded to half precision in both, the biases shifted."""
    weights = network.export_weights(model, architecture)
    if shift is not None:
        weights["dense.bias"] = weights["dense.bias"] + shift
    weights = {name: half(array) for name, array in weights.items()}
    network.import_weights(model, architecture, weights)
    return RecurrentNetwork(architecture, weights)


def _readable(words: CorpusWords, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Those of the sentences that have any known word."""
    readable = rows[[len(words.rows[i]) > 0 for i in rows]]
    if not len(readable):
        raise InputError("Too few sentences have a word that GloVe knows. Are they in English?")
    return readable


def _split(
    gold: npt.NDArray[np.int64], options: TrainingOptions
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and rows held out, every class in both."""
    random = np.random.default_rng(options.seed)
    held: list[int] = []
    for kind in np.unique(gold):
        members = random.permutation(np.flatnonzero(gold == kind))
        count = min(len(members) - 1, max(1, round(len(members) * options.held_out)))
        held += members[:count].tolist()
    held_rows = np.array(sorted(held))
    return np.setdiff1d(np.arange(len(gold)), held_rows), held_rows


def _classes(dataset: Dataset) -> list[Label]:
    """The labels, in the article's order where they are its five, else largest class first."""
    labels = {label.text: label for label in dataset.firsts}
    if set(labels) == set(ARTICLE_EMOJI):
        return [labels[text] for text in ARTICLE_EMOJI]
    counts = Counter(label.text for label in dataset.firsts)
    return [labels[text] for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _with_bare_copies(dataset: Dataset, rows: npt.NDArray[np.int64]) -> tuple[Dataset, npt.NDArray[np.int64]]:
    """The dataset with a copy of each of the `rows` that holds what an emoji left behind, without it; and all rows.

    Where labels were taken out of the sentences, such a trace gives them away. Read both ways, it still says so where
    it is, and its absence says nothing.
    """
    bare = {int(i): without_residue(dataset.sentences[i]) for i in rows}
    marked = [i for i, sentence in bare.items() if sentence and sentence != dataset.sentences[i]]
    sentences = (*dataset.sentences, *(bare[i] for i in marked))
    both = Dataset(sentences, (*dataset.labels, *(dataset.labels[i] for i in marked)))
    return both, np.concatenate([rows, np.arange(len(dataset), len(both))])


def _part(dataset: Dataset, rows: npt.NDArray[np.int64]) -> Dataset:
    return Dataset(tuple(dataset.sentences[i] for i in rows), tuple(dataset.labels[i] for i in rows))


def _be_deterministic(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
