"""Trains a recurrent network on labelled sentences, and measures it honestly.

A stratified part is held out; training stops where the held-out loss no longer falls, and the
best state is kept. The temperature that calibrates confidences and the threshold below which the
model abstains are chosen on the held-out part. The report sets the figures beside two others on
the same split: TF-IDF with logistic regression, and always guessing the largest class.

Importing this module imports TensorFlow: only the process that trains does so.
"""

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from emoji_model import limits, modelcard, network
from emoji_model.dataset import Dataset, check_trainable
from emoji_model.errors import InputError
from emoji_model.evaluation import Evaluation, evaluate
from emoji_model.glove import DIMENSIONS, WordVectors
from emoji_model.persistence import KERAS, Model, ModelLabel, save_model
from emoji_model.predictor import EmojiPredictor
from emoji_model.recurrent import Architecture, Array, Layer, RecurrentNetwork
from emoji_model.text import tokenize

ARCHITECTURES = ("lstm", "gru", "simple_rnn", "bilstm")
PATIENCE = 8
_LENGTH_STEP = 8


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What can be chosen about a training.

    Attributes:
        architecture: one of `ARCHITECTURES`.
        epochs: passes over the sentences at most; `None` stops by itself, at `limits.TRAINING_EPOCHS` at the latest.
        held_out: share of the sentences kept for measuring, where there is no test set of their own.
        units: width of each recurrent layer.
        layers: depth of the stack.
        dropout: share of numbers dropped before every layer while training.
        seed: of the split, the initial weights and the order of sentences.
        baselines: also measure TF-IDF with logistic regression and the largest class.
    """

    architecture: str = "lstm"
    epochs: int | None = None
    held_out: float = 0.15
    units: int = 128
    layers: int = 2
    dropout: float = 0.4
    seed: int = 7
    baselines: bool = True


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """Figures after one epoch, the first being 1; seconds since training began."""

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    seconds: float


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
    """

    model: Model
    keras_model: keras.Sequential
    evaluation: Evaluation
    baselines: dict[str, dict[str, float]]
    history: tuple[EpochProgress, ...]
    trained_on: int
    tested_on: str
    options: TrainingOptions = field(default_factory=TrainingOptions)


def fit(
    dataset: Dataset,
    vectors: WordVectors,
    options: TrainingOptions | None = None,
    test: Dataset | None = None,
    name: str = "custom",
    on_epoch: Callable[[EpochProgress], bool | None] | None = None,
) -> TrainingResult:
    """Trains on `dataset` and returns the best state, measured.

    Args:
        dataset: the sentences, with the first label of each as the one to learn.
        vectors: the word vectors; they stay as they are.
        options: see `TrainingOptions`.
        test: sentences of their own to report figures on; the held-out part then only stops and calibrates.
        name: what the model is called.
        on_epoch: called after every epoch; training ends early, with the best state, where it returns true.

    Raises:
        InputError: where the dataset or the options cannot be trained with.
    """
    options = options or TrainingOptions()
    _check_options(options)
    check_trainable(dataset)
    _be_deterministic(options.seed)
    labels = _classes(dataset)
    position = {label.text: i for i, label in enumerate(labels)}
    gold = np.array([position[label.text] for label in dataset.firsts])
    train_rows, held_rows = _split(gold, options)
    words = _word_rows(dataset.sentences, vectors)
    architecture = _architecture(options, len(labels))
    model = network.build(architecture, options.dropout)
    network.import_weights(model, architecture, _initial_weights(model, architecture))
    trained = network.trainable(model, words.matrix)
    history = _train(trained, words.rows, gold, train_rows, held_rows, options, on_epoch)
    weights = network.export_weights(model, architecture)
    recurrent = RecurrentNetwork(architecture, weights)
    fitted = Model(name, recurrent, tuple(ModelLabel(y.emoji, y.name) for y in labels), word_vectors=vectors.name)
    held_out = _part(dataset, held_rows)
    fitted = _calibrated(fitted, vectors, held_out, gold[held_rows])
    tested = test or held_out
    probabilities = EmojiPredictor(fitted, vectors).probabilities(tested.sentences)
    evaluation = evaluate(probabilities, [label.emoji for label in labels], tested)
    train = _part(dataset, train_rows)
    baselines = measure_baselines(train, tested) if options.baselines else {}
    measured = {
        "tested_on": "test" if test else "held-out",
        "trained_on": len(train),
        "epochs": len(history),
        "architecture": options.architecture,
        "seed": options.seed,
        **evaluation.to_dict(),
        "baselines": baselines,
    }
    versions = {"python": platform.python_version(), "keras": keras.__version__, "tensorflow": tf.__version__}
    return TrainingResult(
        replace(fitted, metrics=measured, versions=versions),
        model,
        evaluation,
        baselines,
        tuple(history),
        len(train),
        "test" if test else "held-out",
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
    rows = {r.options.architecture: r.evaluation.summary() | {"epochs": len(r.history)} for r in (result, *compared)}
    model = replace(result.model, metrics=result.model.metrics | {"architectures": rows})
    target = save_model(model, folder)
    try:
        result.keras_model.save(target / KERAS)
        (target / "README.md").write_text(modelcard.render(model), encoding="utf-8")
    except OSError as error:
        raise InputError(f"The model folder {target} cannot be written ({error}). Choose another folder.") from None
    return target


def measure_baselines(train: Dataset, test: Dataset) -> dict[str, dict[str, float]]:
    """Accuracy and macro-F1 on `test` of TF-IDF with logistic regression, and of the largest class."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = [label.text for label in train.firsts]
    kinds = sorted(set(texts))
    largest = Counter(texts).most_common(1)[0][0]
    linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+"),
                           LogisticRegression(C=10, max_iter=300))  # fmt: skip
    try:
        linear.fit(train.sentences, texts)
        scores = np.asarray(linear.predict_proba(test.sentences), np.float32)
        kinds = [str(kind) for kind in linear.classes_]
    except ValueError:  # no word in any sentence
        scores = np.zeros((len(test), len(kinds)), np.float32)
    constant = np.tile(np.array([kind == largest for kind in kinds], np.float32), (len(test), 1))
    ways = {"TF-IDF + logistic regression": scores, "largest class": constant}
    figures = {name: evaluate(way, kinds, test) for name, way in ways.items()}
    return {name: {"accuracy": e.accuracy, "macro_f1": e.macro_f1} for name, e in figures.items()}


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a corpus: their vectors (row 0 is no word), and each sentence as rows of them."""

    matrix: Array
    rows: list[npt.NDArray[np.int32]]


def _word_rows(sentences: Sequence[str], vectors: WordVectors) -> _Words:
    number: dict[str, int] = {}
    rows = []
    for sentence in sentences:
        tokens = [t.text for t in tokenize(sentence, vectors) if t.known]
        rows.append(np.array([number.setdefault(text, len(number) + 1) for text in tokens], np.int32))
    matrix = np.concatenate([np.zeros((1, DIMENSIONS), np.float32), vectors.vectors(number)])
    return _Words(matrix, rows)


def _batches(
    rows: Sequence[npt.NDArray[np.int32]], gold: npt.NDArray[np.int64], size: int, seed: int | None
) -> tf.data.Dataset:
    """Batches of sentences of like length; with a seed, in a new order every epoch."""
    lengths = np.array([len(row) for row in rows])
    random = None if seed is None else np.random.default_rng(seed)

    def epoch() -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        for members in _order(lengths, size, random):
            steps = -(-int(lengths[members].max()) // _LENGTH_STEP) * _LENGTH_STEP
            batch = np.zeros((len(members), steps), np.int32)
            for at, member in enumerate(members):
                batch[at, : lengths[member]] = rows[member]
            yield batch, gold[members]

    shapes = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))
    count = -(-len(rows) // size)
    return tf.data.Dataset.from_generator(epoch, output_signature=shapes).apply(
        tf.data.experimental.assert_cardinality(count)
    )


def _order(
    lengths: npt.NDArray[np.int64], size: int, random: np.random.Generator | None
) -> list[npt.NDArray[np.int64]]:
    """Which sentences stand in which batch."""
    order = np.argsort(lengths, kind="stable")
    if random:
        order = random.permutation(len(lengths))
        pool = 50 * size
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            order[start : start + pool] = part[np.argsort(lengths[part], kind="stable")]
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [batches[i] for i in random.permutation(len(batches))] if random else batches


def _train(
    model: keras.Sequential,
    rows: Sequence[npt.NDArray[np.int32]],
    gold: npt.NDArray[np.int64],
    train_rows: npt.NDArray[np.int64],
    held_rows: npt.NDArray[np.int64],
    options: TrainingOptions,
    on_epoch: Callable[[EpochProgress], bool | None] | None,
) -> list[EpochProgress]:
    readable = np.array([len(row) > 0 for row in rows])
    train_rows, held_rows = train_rows[readable[train_rows]], held_rows[readable[held_rows]]
    if not len(train_rows) or not len(held_rows):
        raise InputError("Too few sentences have a word that GloVe knows. Are they in English?")
    epochs = options.epochs or limits.TRAINING_EPOCHS
    size = int(np.clip(len(train_rows) // 40, 16, 128))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=2e-3, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    watch = _Watch(epochs, on_epoch)
    model.fit(
        _batches([rows[i] for i in train_rows], gold[train_rows], size, options.seed),
        validation_data=_batches([rows[i] for i in held_rows], gold[held_rows], 256, None),
        epochs=epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, min_lr=1e-4),
            keras.callbacks.EarlyStopping(
                monitor="val_loss", patience=PATIENCE, restore_best_weights=True, start_from_epoch=0
            ),
            watch,
        ],
    )
    return watch.history


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, epochs: int, on_epoch: Callable[[EpochProgress], bool | None] | None) -> None:
        super().__init__()
        self._epochs, self._on_epoch, self._start = epochs, on_epoch, perf_counter()
        self.history: list[EpochProgress] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        progress = EpochProgress(
            epoch + 1, self._epochs, float(logs["loss"]), float(logs["accuracy"]),
            float(logs["val_loss"]), float(logs["val_accuracy"]), perf_counter() - self._start,
        )  # fmt: skip
        self.history.append(progress)
        if self._on_epoch and self._on_epoch(progress):
            self.model.stop_training = True


def _calibrated(model: Model, vectors: WordVectors, held_out: Dataset, gold: npt.NDArray[np.int64]) -> Model:
    """`model` with the temperature of least held-out loss, and the threshold of rare regret.

    The threshold leaves out at most one in twenty of the right answers, and is never above a half.
    """
    plain = EmojiPredictor(model, vectors).probabilities(held_out.sentences)
    logits = np.log(np.maximum(plain, 1e-12))
    choices = np.exp(np.linspace(np.log(0.3), np.log(5.0), 120))
    losses = [_log_loss(logits / t, gold) for t in choices]
    temperature = float(choices[int(np.argmin(losses))])
    scaled = np.exp(logits / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    right = scaled.argmax(axis=1) == gold
    confidence = scaled.max(axis=1)[right]
    threshold = min(0.5, float(np.quantile(confidence, 0.05))) if len(confidence) else 0.5
    return replace(model, temperature=round(temperature, 4), threshold=round(threshold, 4))


def _log_loss(logits: Array, gold: npt.NDArray[np.int64]) -> float:
    top = logits.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return float((normaliser - logits[np.arange(len(gold)), gold]).mean())


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


def _classes(dataset: Dataset) -> list[Any]:
    """The labels, in the article's order where they are its five, else largest class first."""
    from emoji_model.labels import ARTICLE_EMOJI

    labels = {label.text: label for label in dataset.firsts}
    if set(labels) == set(ARTICLE_EMOJI):
        return [labels[text] for text in ARTICLE_EMOJI]
    counts = Counter(label.text for label in dataset.firsts)
    return [labels[text] for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _part(dataset: Dataset, rows: npt.NDArray[np.int64]) -> Dataset:
    return Dataset(tuple(dataset.sentences[i] for i in rows), tuple(dataset.labels[i] for i in rows))


def _architecture(options: TrainingOptions, classes: int) -> Architecture:
    cell = "lstm" if options.architecture == "bilstm" else options.architecture
    layer = Layer(cell, options.units, options.architecture == "bilstm")
    return Architecture(DIMENSIONS, (layer,) * options.layers, classes)


def _initial_weights(model: keras.Sequential, architecture: Architecture) -> dict[str, Array]:
    return network.export_weights(model, architecture)


def _check_options(options: TrainingOptions) -> None:
    if options.architecture not in ARCHITECTURES:
        raise InputError(
            f"The architecture must be one of {', '.join(ARCHITECTURES)}. Received: {options.architecture!r}."
        )
    if options.epochs is not None and not 1 <= options.epochs <= limits.TRAINING_EPOCHS:
        raise InputError(f"Epochs must be from 1 to {limits.TRAINING_EPOCHS}. Received: {options.epochs}.")
    if not 0.05 <= options.held_out <= 0.5:
        raise InputError(f"The held-out share must be from 0.05 to 0.5. Received: {options.held_out}.")


def _be_deterministic(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def options_dict(options: TrainingOptions) -> dict[str, Any]:
    """The options in plain types."""
    return asdict(options)
