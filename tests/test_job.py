"""A job in plain data, and what it refuses before any work."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from emoji_model import InputError, job
from emoji_model.dataset import Dataset
from emoji_model.glove import WordVectors
from emoji_model.job import Job, Outcome
from emoji_model.labels import label_of
from emoji_model.options import EpochProgress, TrainingOptions
from emoji_model.persistence import load_model
from tests.conftest import WriteCsv

ROWS = [["text", "mood"]] + [[f"{what} number {word}", mood] for word in ("one", "two", "three", "four", "five") for
                             what, mood in (("lovely pizza", "fed"), ("bitter tears", "low"), ("loud anger", "mad"))]  # fmt: skip
TINY = TrainingOptions("gru", "scratch", 2, units=8, layers=1)


def test_a_job_survives_the_way_through_json() -> None:
    one = Job("a.csv", "out", "t.csv", 0, "mood", {"fed": "🍕"}, TINY, ("gru",), "mine", 100)
    assert Job.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_it_trains_measures_and_writes(write_csv: WriteCsv, tmp_path: Path, vectors: WordVectors) -> None:
    one = Job(str(write_csv(ROWS)), str(tmp_path / "out"), emoji={"fed": "🍕", "low": "😢"}, options=TINY, name="moods")
    heard: list[tuple[str, EpochProgress]] = []
    outcome = job.run(one, job.read(one), vectors, lambda kind, progress: heard.append((kind, progress)))
    assert [(kind, progress.epoch) for kind, progress in heard] == [("gru", 1), ("gru", 2)]
    assert set(outcome.labels) == {("🍕", "fed"), ("😢", "low"), ("mad", "mad")}
    assert {label.emoji for label in load_model(outcome.output).labels} == {"🍕", "😢", "mad"}
    assert sum(map(sum, outcome.confusion)) == outcome.figures["n"] == 3
    low, high = outcome.macro_f1_interval
    assert 0 <= low <= outcome.figures["macro_f1"] <= high <= 1
    assert Outcome.from_dict(json.loads(json.dumps(outcome.to_dict()))) == outcome
    assert not any("number" in path.read_text("utf-8", "ignore") for path in Path(outcome.output).iterdir()), (
        "sentences of a visitor do not belong into the model folder"
    )


def test_stopping_in_the_first_epoch_keeps_nothing(write_csv: WriteCsv, tmp_path: Path, vectors: WordVectors) -> None:
    one = Job(str(write_csv(ROWS)), str(tmp_path / "out"), options=TINY)
    with pytest.raises(InputError, match="nothing to keep"):
        job.run(one, job.read(one), vectors, stop=lambda: True)


@pytest.mark.parametrize("options", [TINY, TrainingOptions(epochs=5)])
def test_stopping_later_keeps_the_best_state(
    write_csv: WriteCsv, tmp_path: Path, vectors: WordVectors, options: TrainingOptions
) -> None:
    one = Job(str(write_csv(ROWS)), str(tmp_path / "out"), options=replace(options, epochs=20))
    heard: list[EpochProgress] = []
    outcome = job.run(one, job.read(one), vectors, lambda _, p: heard.append(p), lambda: len(heard) >= 2)
    assert outcome.stopped
    assert [progress.epoch for progress in outcome.history] == [1, 2]
    assert load_model(outcome.output).metrics["epochs"] == 2


def test_what_cannot_be_trained_is_refused_before_any_work(write_csv: WriteCsv, tmp_path: Path) -> None:
    file, output = str(write_csv(ROWS)), str(tmp_path / "out")
    with pytest.raises(InputError, match=r"15 sentences, over the limit of 10"):
        job.read(Job(file, output, rows=10))
    with pytest.raises(InputError, match=r"'fed' needs one emoji. Received: 'pizza'"):
        job.read(Job(file, output, emoji={"fed": "pizza"}))
    with pytest.raises(InputError, match="architecture"):
        job.read(Job(file, output, options=replace(TINY, architecture="transformer")))
    with pytest.raises(InputError, match="no column 7"):
        job.read(Job(file, output, text_column=7))
    assert not Path(output).exists()


def test_words_with_one_emoji_become_one_class() -> None:
    data = Dataset(("a", "b", "c", "d"), tuple((label_of(text),) for text in ("glad", "happy", "sad", "😊")))
    shown = data.shown_as({"glad": ":blush:", "happy": "😊"})
    assert [label.text for label in shown.firsts] == ["😊", "😊", "sad", "😊"]
    assert len(set(shown.firsts)) == 2
    assert shown.firsts[0].name == "glad"
    assert data.shown_as({}) == data


def test_of_very_many_classes_the_largest_are_shown(
    write_csv: WriteCsv, tmp_path: Path, vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_CONFUSED", 2)
    one = Job(str(write_csv(ROWS)), str(tmp_path / "out"), options=TINY)
    outcome = job.run(one, job.read(one), vectors)
    assert len(outcome.confusion) == len(outcome.confusion[0]) == len(outcome.confusion_labels) == 2
    assert outcome.classes == 3
