"""What was found in a visitor's sentences, in plain words, and an emoji for labels that are words."""

import re
from collections import Counter, defaultdict
from html import escape

import numpy as np

from emoji_model.dataset import DataReport, Dataset
from emoji_model.glove import WordVectors
from emoji_model.labels import canonical_emoji
from emoji_model.predictor import EmojiPredictor
from emoji_model.text import tokenize
from emoji_model.web import charts
from emoji_model.web.sessions import Gathered

_SAMPLED = 2_000  # sentences whose words are counted, and
_ASKED = 24  # sentences of a class that the everyday model is asked about
_SUGGESTED = 60  # labels that get an emoji
_LINES_SHOWN = 20


def known_share(dataset: Dataset, vectors: WordVectors) -> float:
    """The share of the words of up to 2,000 of the sentences that have a word vector; 0 where there are none."""
    some = dataset.sentences[:: max(1, len(dataset) // _SAMPLED)][:_SAMPLED]
    known = [token.known for sentence in some for token in tokenize(sentence, vectors)]
    return sum(known) / len(known) if known else 0.0


def suggested_emoji(dataset: Dataset, predictor: EmojiPredictor) -> dict[str, str]:
    """An emoji for each label that is a word: what the model thinks of the word and of the sentences it stands at.

    The 60 most frequent labels get one. Labels with more sentences choose first; no emoji is suggested twice, nor one that is a label already.
    """
    texts = [label.text for label in dataset.firsts]
    counts = Counter(texts)
    words = [text for text, _ in counts.most_common(_SUGGESTED) if not canonical_emoji(text)]
    if not words:
        return {}
    examples: dict[str, list[str]] = {word: [] for word in words}
    for sentence, text in zip(dataset.sentences, texts, strict=True):
        if len(examples.get(text, [""] * _ASKED)) < _ASKED:
            examples[text].append(sentence)
    taken = {text for text in counts if canonical_emoji(text)}
    names = [label.emoji for label in predictor.labels]
    found = {}
    for word, sentences in examples.items():
        chances = predictor.probabilities([word, *sentences])
        known = any(token.known for token in predictor.tokenize(word))
        score = chances[1:].mean(axis=0) + (chances[0] if known else 0)
        best = next((names[i] for i in np.argsort(-score, kind="stable") if names[i] not in taken), None)
        if best:
            found[word] = best
            taken.add(best)
    return found


def report_html(gathered: Gathered, problem: str = "") -> str:
    """What was found in a file, in plain words, escaped; `problem` says why it cannot be trained on as it is."""
    report = gathered.report
    columns = [escape(report.columns[at][:60]) for at in (report.text_column, report.label_column)]
    facts = [
        f"<b>{report.rows_used:,}</b> of {report.rows_read:,} rows are used",
        f"<b>{len(report.class_counts):,}</b> labels",
        f"sentences in <b>{columns[0]}</b>, labels in <b>{columns[1]}</b>",
        f"the network knows <b>{gathered.known_share:.0%}</b> of the words",
    ]
    heading = f"<h4>{escape(gathered.file.name)}</h4><ul class='facts'>{''.join(f'<li>{f}</li>' for f in facts)}</ul>"
    warnings = [*report.warnings, *_own_warnings(gathered)]
    notes = "".join(charts.notice(text, "warning") for text in warnings)
    return (
        heading
        + (charts.notice(problem) if problem else "")
        + notes
        + charts.bars(report.class_counts, "Sentences of each label")
        + gathered.dropped
    )


def _own_warnings(gathered: Gathered) -> list[str]:
    if gathered.known_share < 0.5:
        return [
            "The network knows few of these words. It reads English only; other languages cannot be learned from it."
        ]
    return []


def dropped_html(report: DataReport) -> str:
    """The rows that are not used, by reason, with their lines, escaped."""
    if not report.dropped:
        return ""
    lines: dict[str, list[int]] = defaultdict(list)
    for row in report.dropped:
        lines[re.sub(r"^the same as line \d+$", "the same as an earlier row", row.reason)].append(row.line)
    items = "".join(
        f"<li>{escape(reason)}: {len(at):,} (line{'s' if len(at) > 1 else ''} "
        f"{', '.join(f'{line:,}' for line in at[:_LINES_SHOWN])}{' and more' if len(at) > _LINES_SHOWN else ''})</li>"
        for reason, at in sorted(lines.items(), key=lambda item: -len(item[1]))
    )
    count = len(report.dropped)
    what = "1 row is not used" if count == 1 else f"{count:,} rows are not used"
    return f"<details><summary>{what}</summary><ul>{items}</ul></details>"
