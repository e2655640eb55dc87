"""`EmojiPredictor`: a sentence in, the emoji that fit it best out, each with a confidence."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emoji_model import limits
from emoji_model.calibration import confidences
from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.overlay import ModelWords
from emoji_model.persistence import Model, ModelLabel, default_model, load_model, save_model
from emoji_model.recurrent import Array, LayerTrace
from emoji_model.text import Token, tokenize


@dataclass(frozen=True, slots=True)
class Prediction:
    """One emoji with its CLDR name and the model's confidence, a probability from 0 to 1."""

    emoji: str
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as the network read it, and every class it thought of.

    Attributes:
        tokens: in order; those that are not known were not read.
        ranking: predictions, most confident first.
        sure: whether the best one reaches the model's threshold and any word was known.
    """

    tokens: tuple[Token, ...]
    ranking: tuple[Prediction, ...]
    sure: bool


class EmojiPredictor:
    """Predicts emoji for English sentences.

    Args:
        model: a network with its labels and calibration.
        vectors: the word vectors it was trained on.

    Raises:
        InputError: where the network reads vectors of another width.
    """

    def __init__(self, model: Model, vectors: WordVectors) -> None:
        words = ModelWords(vectors, model.overlay)
        if model.network.architecture.inputs != words.width:
            raise InputError(
                f"The model {model.name!r} reads vectors of {model.network.architecture.inputs} numbers. "
                f"Received: {words.width} in {vectors.name}. Use the table it was trained on ({model.word_vectors})."
            )
        self.model, self.vectors, self.words = model, vectors, words

    @classmethod
    def from_pretrained(
        cls, name: str | os.PathLike[str] | None = None, vectors: WordVectors | None = None
    ) -> "EmojiPredictor":
        """A predictor from a shipped model's name, a model folder, or a Hub repository "user/name".

        Raises:
            InputError: where there is no such model, or it is damaged, or the word vectors are.
        """
        model = load_model(name or default_model())
        return cls(model, vectors or WordVectors.open())

    def save_pretrained(self, folder: str | os.PathLike[str]) -> Path:
        """Writes the model folder (`config.json`, `model.safetensors`) and returns its path."""
        return save_model(self.model, folder)

    @property
    def labels(self) -> tuple[ModelLabel, ...]:
        """The classes, in the order of the network's outputs."""
        return self.model.labels

    def tokenize(self, sentence: str, typing: bool = False) -> list[Token]:
        """The tokens of a sentence as this predictor reads them; see `text.tokenize`."""
        return tokenize(sentence, self.words, typing)

    def predict(self, sentence: str, top_k: int = 5, *, abstain: bool = True) -> list[Prediction]:
        """The `top_k` best emoji, most confident first; none where the model is not sure.

        Args:
            sentence: any text; what is over `limits.SENTENCE_CHARACTERS` characters is not read.
            top_k: how many at most, from 1 to `limits.TOP_K`.
            abstain: give `False` for a ranking however unsure the model is.

        Raises:
            InputError: where `top_k` is out of range or `sentence` is no text.
        """
        return self.predict_many([sentence], top_k, abstain=abstain)[0]

    def predict_many(self, sentences: Iterable[str], top_k: int = 5, *, abstain: bool = True) -> list[list[Prediction]]:
        """The same for many sentences: as many lists as sentences, in their order, empty where not sure."""
        _check_top_k(top_k)
        sentences = _check_sentences(sentences)
        results: list[list[Prediction]] = []
        for start in range(0, len(sentences), limits.BATCH_SENTENCES):
            batch = sentences[start : start + limits.BATCH_SENTENCES]
            tokens = [self.tokenize(sentence) for sentence in batch]
            probabilities = self._confidences(self._logits(tokens, batch))
            for row, read in zip(probabilities, tokens, strict=True):
                sure = self._is_sure(row, read)
                results.append(self._ranked(row, top_k) if sure or not abstain else [])
        return results

    def probabilities(self, sentences: Iterable[str]) -> Array:
        """Calibrated probabilities of every class: float32 of shape (sentences, classes)."""
        return self._confidences(self.logits(sentences))

    def logits(self, sentences: Iterable[str]) -> Array:
        """What the network, and a linear part beside it, give before calibration: float32 of shape (sentences, classes)."""
        sentences = _check_sentences(sentences)
        size = limits.BATCH_SENTENCES
        parts = [
            self._logits([self.tokenize(sentence) for sentence in part], part)
            for part in (sentences[start : start + size] for start in range(0, len(sentences), size))
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)), np.float32)

    def read(self, sentence: str, top_k: int = 5, typing: bool = False) -> Reading:
        """One sentence with its tokens, its ranking, and whether the model is sure of it.

        Args:
            sentence: any text.
            top_k: how many predictions, from 1 to `limits.TOP_K`.
            typing: complete the last word where it is an unfinished one.
        """
        _check_top_k(top_k)
        _check_sentences([sentence])
        tokens = self.tokenize(sentence, typing)
        row = self._confidences(self._logits([tokens], [sentence]))[0]
        return Reading(tuple(tokens), tuple(self._ranked(row, top_k)), self._is_sure(row, tokens))

    def vectors_of(self, sentence: str) -> Array:
        """What the network, and `model.keras`, reads of a sentence: float32 of shape (known tokens, numbers a word)."""
        return self._vectors_of(self.tokenize(sentence))

    def trace(self, sentence: str) -> list[LayerTrace]:
        """The gates and states of every recurrent layer, one step for each known token."""
        return self.model.network.trace(self.vectors_of(sentence))

    def _vectors_of(self, tokens: Sequence[Token]) -> Array:
        return self.words.vectors(token.text for token in tokens if token.known)

    def _logits(self, tokens: Sequence[Sequence[Token]], sentences: Sequence[str]) -> Array:
        """(sentences, classes); sentences of like length go through the network together."""
        read = [self._vectors_of(some) for some in tokens]
        logits = self.model.network.forward(read[0])[None] if len(read) == 1 else forward_ragged(self.model, read)
        if self.model.ngrams:
            logits = logits + np.stack(
                [self.model.ngrams.logits(text[: limits.SENTENCE_CHARACTERS]) for text in sentences]
            )
        return logits

    def _confidences(self, logits: Array) -> Array:
        return confidences(logits, self.model.slope, self.model.offset)

    def _is_sure(self, probabilities: Array, tokens: Sequence[Token]) -> bool:
        return any(token.known for token in tokens) and bool(probabilities.max() >= self.model.threshold)

    def _ranked(self, probabilities: Array, top_k: int) -> list[Prediction]:
        best = np.argsort(-probabilities, kind="stable")[:top_k]
        return [Prediction(self.labels[i].emoji, self.labels[i].name, float(probabilities[i])) for i in best]


def forward_ragged(model: Model, sentences: Sequence[Array], group: int = 64) -> Array:
    """The logits of sentences of unlike length, (steps, inputs) each, in groups of like length."""
    lengths = np.array([len(vectors) for vectors in sentences])
    logits = np.empty((len(sentences), model.network.architecture.classes), np.float32)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), group):
        members = order[start : start + group]
        steps = int(lengths[members].max())
        batch = np.zeros((len(members), steps, model.network.architecture.inputs), np.float32)
        for row, member in enumerate(members):
            batch[row, : lengths[member]] = sentences[member]
        mask = np.arange(steps) < lengths[members, None]
        logits[members] = model.network.forward_batch(batch, mask)
    return logits


def _check_top_k(top_k: int) -> None:
    if not isinstance(top_k, int) or isinstance(top_k, bool) or not 1 <= top_k <= limits.TOP_K:
        raise InputError(f"top_k must be a whole number from 1 to {limits.TOP_K}. Received: {str(top_k)[:40]}.")


def _check_sentences(sentences: Iterable[str]) -> list[str]:
    if isinstance(sentences, str):
        raise InputError("predict_many takes a list of sentences. Received: one text. Use predict for one.")
    checked = list(sentences)
    for number, sentence in enumerate(checked, start=1):
        if not isinstance(sentence, str):
            raise InputError(f"Sentence {number} must be text. Received: {type(sentence).__name__}.")
    return checked
