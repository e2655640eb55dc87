"""The dense layer alone, trained on what the everyday encoder says of each sentence: all that few sentences can teach.

It begins as what the everyday network answers for the sentences of each class, on average, and is
held near to nothing by a penalty on its weights. The encoder runs once, so an epoch costs next to nothing.

Importing this module imports TensorFlow: only the process that trains does so.
"""

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from emoji_model.batches import CorpusWords
from emoji_model.persistence import Model
from emoji_model.recurrent import Array, softmax
from emoji_model.targets import Targets

RATE, BATCH, PENALTY, PATIENCE, GAIN = 3e-3, 16, 5e-2, 5, 2e-3


class Head:
    """The dense layer of a network, to be learned from any of the sentences of a corpus.

    Args:
        model: the network in Keras, its encoder trained.
        words: the corpus.
        wanted: what is wanted of each sentence.
        base: the everyday model, whose encoder the network has.
    """

    def __init__(self, model: keras.Sequential, words: CorpusWords, wanted: Targets, base: Model) -> None:
        self._dense, self._base = model.get_layer("dense"), base
        matrix = np.concatenate([words.glove, words.own], axis=1)
        encoder = keras.Sequential([keras.Input((None, matrix.shape[1])), *model.layers[:-1]])
        steps = max(1, max(map(len, words.rows)))
        rows = np.zeros((len(words.rows), steps), np.int32)
        for at, row in enumerate(words.rows):
            rows[at, : len(row)] = row
        self.states: Array = np.concatenate(
            [encoder(matrix[rows[i : i + 256]], training=False).numpy() for i in range(0, len(rows), 256)]
        )
        self._answers = wanted(np.arange(len(rows)))

    def _begin(self, rows: npt.NDArray[np.int64]) -> None:
        """Sets the layer to what the everyday network's own answers for the sentences of each class, on average."""
        kernel, bias = self._base.network.weights["dense.kernel"], self._base.network.weights["dense.bias"]
        answers = self._answers[rows]
        chances = softmax(self.states[rows] @ kernel + bias)
        shares = chances.T @ answers / np.maximum(answers.sum(axis=0), 1e-6)
        self._dense.set_weights([kernel @ shares, bias @ shares])

    def fit(
        self,
        rows: npt.NDArray[np.int64],
        epochs: int,
        held: npt.NDArray[np.int64],
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        """Begins anew and learns from `rows`, measured after every epoch on `held`."""
        head = self._compiled(rows)
        head.fit(
            self.states[rows],
            self._answers[rows],
            validation_data=(self.states[held], self._answers[held]),
            epochs=epochs,
            batch_size=BATCH,
            verbose=0,
            callbacks=[*callbacks],
        )
        self._dense.kernel.regularizer = None

    def refit(self, rows: npt.NDArray[np.int64], epochs: int, seed: int = 0) -> None:
        """The same without measuring, a batch at a time: what `fit` does around its epochs takes longer than they do."""
        head = self._compiled(rows)
        random = np.random.default_rng(seed)
        for _ in range(epochs):
            order = random.permutation(rows)
            for start in range(0, len(order), BATCH):
                some = order[start : start + BATCH]
                head.train_on_batch(self.states[some], self._answers[some])
        self._dense.kernel.regularizer = None

    def _compiled(self, rows: npt.NDArray[np.int64]) -> keras.Sequential:
        self._begin(rows)
        head = keras.Sequential([keras.Input(self.states.shape[1:]), self._dense])
        self._dense.kernel.regularizer = keras.regularizers.L2(PENALTY)
        head.compile(keras.optimizers.Adam(RATE), keras.losses.CategoricalCrossentropy(), metrics=["accuracy"])
        return head
