"""How all layers of a network learn, by how many sentences there are; see `head` for a few.

Importing this module imports TensorFlow: only the process that trains does so.
"""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from emoji_model.batches import CorpusWords, batches
from emoji_model.options import TrainingOptions
from emoji_model.targets import Targets
from emoji_model.watch import Watch

PLENTY = 20_000
"""From so many sentences on, a network that begins from everyday goes a short course at a high rate."""
EPOCHS, RATE, BATCH = 5, 4e-3, 256
"""That course: on 45,000 tweets macro-F1 still rises for two epochs after the held-out loss has turned."""
RATES = {"everyday": 1e-3, "scratch": 2e-3}
PATIENCE = {"everyday": 4, "scratch": 8}

Rows = npt.NDArray[np.int64]


def early_stopping(
    patience: int, monitor: str = "val_loss", mode: str = "min", gain: float = 0.0
) -> keras.callbacks.EarlyStopping:
    """Stops where the held-out figure no longer gets better by more than `gain`, and puts the best state back."""
    return keras.callbacks.EarlyStopping(
        monitor=monitor, mode=mode, patience=patience, min_delta=gain, restore_best_weights=True, start_from_epoch=0
    )


def epochs(options: TrainingOptions, sentences: int) -> int | None:
    """How many epochs are gone where nobody chose: `None` is as many as it takes."""
    return EPOCHS if _is_short(options, sentences) else None


def train_layers(
    model: keras.Model,
    words: CorpusWords,
    wanted: Targets,
    split: tuple[Rows, Rows],
    options: TrainingOptions,
    watch: Watch,
) -> None:
    """Trains all layers, until the held-out part no longer gains; leaves the model at its best epoch.

    Args:
        model: rows of words in, probabilities out.
        words: the corpus.
        wanted: what is wanted of each of its sentences.
        split: the sentences to learn from and those held out.
        options: see `TrainingOptions`.
        watch: told of every epoch and asked whether to stop.
    """
    train_rows, held_rows = split
    rate: Any = RATES[options.start]
    callbacks: list[keras.callbacks.Callback]
    if _is_short(options, len(train_rows)):
        size, early = BATCH, early_stopping(2, "val_macro_f1", "max")
        steps = watch.epochs * -(-len(train_rows) // size)
        rate = keras.optimizers.schedules.CosineDecay(
            RATE / 40, steps, alpha=0.02, warmup_target=RATE, warmup_steps=steps // 10
        )
        callbacks = [early, watch]
    else:
        size, early = int(np.clip(len(train_rows) // 40, 16, 128)), early_stopping(PATIENCE[options.start])
        slower = keras.callbacks.ReduceLROnPlateau(
            monitor="val_loss", factor=0.5, patience=PATIENCE[options.start] // 2 - 1, min_lr=1e-4
        )
        callbacks = [slower, early, watch]
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=rate, clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy", keras.metrics.F1Score(average="macro", name="macro_f1")],
    )
    with watch.stopping(early):
        model.fit(
            batches([words.rows[i] for i in train_rows], lambda some: wanted(train_rows[some]), size, options.seed),
            validation_data=batches(
                [words.rows[i] for i in held_rows], lambda some: wanted(held_rows[some]), 256, None
            ),
            epochs=watch.epochs,
            verbose=0,
            shuffle=False,
            callbacks=callbacks,
        )


def _is_short(options: TrainingOptions, sentences: int) -> bool:
    return options.start == "everyday" and sentences >= PLENTY
