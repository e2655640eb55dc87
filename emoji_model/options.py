"""What can be chosen about a training, and what is told on the way; importable without TensorFlow."""

from dataclasses import dataclass

from emoji_model import limits
from emoji_model.errors import InputError

ARCHITECTURES = ("lstm", "gru", "simple_rnn", "bilstm")
STARTS = ("everyday", "scratch")


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What can be chosen about a training.

    Attributes:
        architecture: one of `ARCHITECTURES`.
        start: one of `STARTS`: the shipped everyday network, of which any architecture takes the word vectors and
            "bilstm" the whole encoder; or from scratch.
        epochs: passes over the sentences at most; `None` stops by itself, at `limits.TRAINING_EPOCHS` at the latest.
        held_out: share of the sentences kept for measuring, where there is no test set of their own.
        units: width of each recurrent layer; of the everyday network's encoder its own holds.
        layers: depth of the stack; the same.
        dropout: share of numbers dropped before every layer while training.
        seed: of the split, the initial weights and the order of sentences.
        baselines: also measure TF-IDF with logistic regression and the largest class.
    """

    architecture: str = "bilstm"
    start: str = "everyday"
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


def begin_with(architecture: str | None, start: str | None) -> tuple[str, str]:
    """The architecture and the start that are meant where one of them, or both, are not said.

    The everyday network is bidirectional: whoever names another architecture and no start wants a new network.
    """
    if start is None:
        start = "everyday" if architecture in (None, "bilstm") else "scratch"
    return architecture or ("bilstm" if start == "everyday" else "lstm"), start


def check_options(options: TrainingOptions) -> None:
    """Refuses options that nothing can be trained with.

    Raises:
        InputError: naming the option, its value and what it may be.
    """
    if options.architecture not in ARCHITECTURES:
        raise InputError(
            f"The architecture must be one of {', '.join(ARCHITECTURES)}. Received: {options.architecture!r}."
        )
    if options.start not in STARTS:
        raise InputError(f"The start must be one of {', '.join(STARTS)}. Received: {options.start!r}.")
    if options.epochs is not None and not 1 <= options.epochs <= limits.TRAINING_EPOCHS:
        raise InputError(f"Epochs must be from 1 to {limits.TRAINING_EPOCHS}. Received: {options.epochs}.")
    if not 0 <= options.seed < 2**32:
        raise InputError(f"The seed must be from 0 to {2**32 - 1}. Received: {options.seed}.")
    if not 0.05 <= options.held_out <= 0.5:
        raise InputError(f"The held-out share must be from 0.05 to 0.5. Received: {options.held_out}.")
