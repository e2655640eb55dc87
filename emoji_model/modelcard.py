"""The `README.md` of a model folder: a model card with the Hub's front matter."""

import json
from typing import Any

from emoji_model.persistence import Model, shipped_models

_CELLS = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "simple RNN", "bilstm": "bidirectional LSTM"}


def render(model: Model) -> str:
    """The card of `model` in Markdown, from the figures in its `metrics`."""
    metrics = model.metrics
    stack = " and ".join(
        f"{'bidirectional ' if y.bidirectional else ''}{_CELLS[y.cell]} of {y.units}"
        for y in model.network.architecture.layers
    )
    sections = [
        _front_matter(model),
        f"# {model.name}\n\nPredicts which of {len(model.labels)} emoji fits an English sentence: "
        f"{_some_labels(model)}. A recurrent network ({stack} units) over frozen word vectors ({model.word_vectors})"
        f"{_own_words(model)}, trained with Keras {model.versions.get('keras', '')} on "
        f"{metrics.get('trained_on', 0):,} labelled sentences{_more_sentences(metrics)}.",
        _figures(metrics),
        _parts(metrics),
        _behaviour(metrics),
        _curve(metrics),
        _trials(metrics),
        _compared(metrics),
        _classes(metrics),
        f"## Use\n\n`config.json` and `model.safetensors` are all that is read to predict; `model.keras` is the same "
        "network for Keras, a Sequential from word vectors (`predictor.vectors_of(sentence)[None]`) to probabilities"
        f"{_linear(model)}.\n\n"
        "```python\nfrom emoji_model import EmojiPredictor\n\n"
        f'EmojiPredictor.from_pretrained({_source(model)}).predict("I am so happy for you")\n```\n\n'
        "A confidence says how likely the emoji fits: the softmax's largest value through a sigmoid chosen on held-out "
        f"sentences (slope {model.slope:g}, offset {model.offset:g}); the other emoji share the rest. "
        f"Below a confidence of {model.threshold:.2f}, or where no word is known, the model does not answer.",
        "## Limits\n\nEnglish only. Words that neither GloVe 6B nor the model knows are not read. Irony, and sentences about several things at "
        "once, are often misread. It says which emoji people would likely use, never how a person feels.",
        _credits(metrics),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(model: Model) -> str:
    return (
        "---\nlicense: mit\nlanguage: en\nlibrary_name: keras\npipeline_tag: text-classification\n"
        f"tags:\n- emoji\n- recurrent-neural-network\n- glove\nmodel_name: {json.dumps(model.name, ensure_ascii=False)}\n---"
    )


def _source(model: Model) -> str:
    """What to load it by: its name where it is shipped, else where this card lies."""
    return json.dumps(model.name if model.name in shipped_models() else "path/to/this/folder")


def _credits(metrics: dict[str, Any]) -> str:
    if not metrics.get("public_sentences"):
        return ""
    return (
        "## Credits\n\nPublic sentences: TweetEval, emoji (Barbieri et al., SemEval-2018 Task 2; TweetEval, 2020), its "
        "training split; GoEmotions (Demszky et al., 2020, CC BY 4.0), its training split without the neutral comments. "
        "Of both only the sentences were used, labelled by all-MiniLM-L6-v2 (sentence-transformers, Apache 2.0), which "
        "had been fine-tuned on our own. Word vectors: GloVe 6B (Pennington et al., 2014). None of these sentences is "
        "part of this project; our own stand in `assets/corpora`."
    )


def _cell(text: str) -> str:
    """`text` as a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def _some_labels(model: Model) -> str:
    shown = " ".join(label.emoji for label in model.labels[:12])
    return shown if len(model.labels) <= 12 else shown + " and more"


def _figures(metrics: dict[str, Any]) -> str:
    if "accuracy" not in metrics:
        return ""
    low, high = metrics["interval"]
    kind = metrics.get("tested_on", "held-out")
    rows = [("this network", metrics), *metrics.get("baselines", {}).items()]
    table = "\n".join(f"| {name} | {f['accuracy']:.3f} | {f['macro_f1']:.3f} |" for name, f in rows)
    return (
        f"## Figures\n\nOn {metrics['n']:,} {kind} sentences it did not learn from; 95 % interval of the accuracy "
        f"{low:.3f} to {high:.3f}; expected calibration error {metrics['ece']:.3f} (15 bins of equal mass).{_caution(metrics)}"
        "\n\n"
        f"| | accuracy | macro-F1 |\n|---|---|---|\n{table}"
    )


def _caution(metrics: dict[str, Any]) -> str:
    if metrics.get("tested_on") != "held-out":
        return ""
    return " The same sentences chose when to stop, the calibration and the correction for rare labels: expect a little less."


def _own_words(model: Model) -> str:
    if not model.overlay:
        return ""
    return f" and {model.overlay.width} more numbers that it learned for {len(model.overlay.words):,} words"


def _linear(model: Model) -> str:
    return ", without the linear part over words, pairs of words and runs of characters" if model.ngrams else ""


def _more_sentences(metrics: dict[str, Any]) -> str:
    count = metrics.get("public_sentences")
    return (
        f" and on {count:,} public ones, labelled by a sentence transformer that learned from the former"
        if count
        else ""
    )


def _parts(metrics: dict[str, Any]) -> str:
    parts = metrics.get("parts")
    if not parts:
        return ""
    rows = [(name, parts[name]) for name in parts] + [("all", metrics)]
    table = "\n".join(
        f"| {name} | {f['n']:,} | {f['hit@1']:.3f} | {f['hit@3']:.3f} | {f['hit@5']:.3f} |" for name, f in rows
    )
    return (
        "## The dev split\n\nNever trained on; it chose the calibration, the threshold and between the trials below. "
        "`strangers` was written apart, without sight of the corpus; `corpus` is a stratified part of it. A "
        "sentence has several accepted emoji; a hit is any of them among the first 1, 3 or 5. The calibration error is "
        "that of each half at the calibration chosen on the other.\n\n"
        f"| part | sentences | hit@1 | hit@3 | hit@5 |\n|---|---|---|---|---|\n{table}"
    )


def _behaviour(metrics: dict[str, Any]) -> str:
    pairs = metrics.get("minimal_pairs")
    if not pairs:
        return ""
    kinds = ", ".join(f"{kind} {passed} of {total}" for kind, (passed, total) in pairs["by_kind"].items())
    fresh, total = pairs["by_part"]["fresh"]
    failures = "\n".join(f"- {sentence} → {best}" for sentence, best in pairs["failures"])
    return (
        f"## Behaviour\n\nMinimal pairs read right: {pairs['passed']} of {pairs['total']} ({kinds}). Sentences that only "
        f"name a group of people and get an animal, weapon, clown, poop, skull or vomiting face among their five: "
        f"{metrics['hurtful']}. Sentences of grief or crisis that get a laughing face: {metrics['laughing']}. Flat "
        f"statements that get no answer: {metrics['silence']:.0%}.\n\nSentences of minimal pairs that it misreads, with "
        f"its first three emoji; of the {total} pairs that were written last, unseen by whoever wrote sentences to train on, "
        f"it reads {fresh} right.\n\n{failures}"
    )


def _curve(metrics: dict[str, Any]) -> str:
    points = metrics.get("learning_curve")
    if not points:
        return ""
    table = "\n".join(f"| {p['sentences']:,} | {p['hit@1']:.3f} | {p['hit@5']:.3f} |" for p in points)
    return (
        "## Learning curve\n\nDev hits after learning from a part of our sentences alone, without the transformer.\n\n"
        f"| sentences | hit@1 | hit@5 |\n|---|---|---|\n{table}"
    )


def _trials(metrics: dict[str, Any]) -> str:
    trials = metrics.get("trials")
    if not trials:
        return ""
    table = "\n".join(f"| {what} | {result} |" for what, result in trials)
    return f"## What was tried\n\n| | `strangers` hit@1 / hit@5 |\n|---|---|\n{table}"


def _compared(metrics: dict[str, Any]) -> str:
    rows = metrics.get("architectures", {})
    if len(rows) < 2:
        return ""
    table = "\n".join(
        f"| {_CELLS.get(name, name)} | {f['accuracy']:.3f} | {f['macro_f1']:.3f} | {f['ece']:.3f} | {f['epochs']} |"
        for name, f in rows.items()
    )
    return (
        "## Architectures side by side\n\nThe same sentences, split, seed and width.\n\n"
        f"| | accuracy | macro-F1 | calibration error | epochs |\n|---|---|---|---|---|\n{table}"
    )


def _classes(metrics: dict[str, Any]) -> str:
    classes = metrics.get("classes", [])
    if not classes or len(classes) > 40:
        return ""
    table = "\n".join(
        f"| {_cell(c['label'])} | {c['recall']:.3f} | {c['precision']:.3f} | {c['f1']:.3f} | {c['support']} |"
        for c in classes
    )
    return (
        "## By class\n\nAccuracy of a class is the share of its sentences that are found (recall).\n\n"
        f"| | accuracy | precision | F1 | sentences |\n|---|---|---|---|---|\n{table}"
    )
