"""Tells what happens while Keras trains, and ends it when asked to.

Importing this module imports TensorFlow: only the process that trains does so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import keras

from emoji_model.errors import InputError
from emoji_model.options import EpochProgress


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the figures of every epoch, and asks after every batch whether to stop.

    Args:
        epochs: how many there are at most.
        on_epoch: called after every epoch.
        stop: asked after every batch, of training and of measuring; training ends at once where it returns true.
    """

    def __init__(
        self,
        epochs: int,
        on_epoch: Callable[[EpochProgress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__()
        self.epochs, self._on_epoch, self._stop, self._start = epochs, on_epoch, stop, perf_counter()
        self.history: list[EpochProgress] = []
        self.stopped = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps and tells the figures."""
        logs = logs or {}
        progress = EpochProgress(
            epoch + 1, self.epochs, float(logs["loss"]), float(logs["accuracy"]),
            float(logs["val_loss"]), float(logs["val_accuracy"]), perf_counter() - self._start,
        )  # fmt: skip
        self.history.append(progress)
        if self._on_epoch:
            self._on_epoch(progress)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Ends the training where that is asked for."""
        self._ask()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """The same while the held-out part is measured."""
        self._ask()

    def _ask(self) -> None:
        if self._stop and self._stop():
            raise _StoppedError

    @contextmanager
    def stopping(self, early: keras.callbacks.EarlyStopping) -> Iterator[None]:
        """Within it training may be stopped in the middle of an epoch: the best state is then put back.

        Args:
            early: the callback that keeps the best state.

        Raises:
            InputError: where no epoch was done yet.
        """
        try:
            yield
        except _StoppedError:
            self.stopped = True
            if not self.history:
                raise InputError(
                    "Stopped before the first pass over the sentences was done, so there is nothing to keep. "
                    "Start again and give it a little longer."
                ) from None
            early.on_train_end()


class _StoppedError(Exception):
    pass
