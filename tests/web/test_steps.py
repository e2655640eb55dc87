"""The pure parts of the retrain tab's steps, without a browser."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoji_model import EmojiPredictor, InputError, hub, limits
from emoji_model.dataset import Dataset, read_csv
from emoji_model.glove import WordVectors
from emoji_model.job import Outcome
from emoji_model.labels import label_of
from emoji_model.options import EpochProgress
from emoji_model.trainer import Waiting, Working
from emoji_model.web import charts, export, gather, preview, report, train
from emoji_model.web.sessions import Gathered, Session
from tests.web.serving import ROOT

EPOCH = EpochProgress(3, 60, 0.5, 0.8, 0.7, 0.75, 6.0)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def tags(shown: str) -> set[str]:
    parser = Tags()
    parser.feed(shown)
    return parser.tags


def outcome(label: str = "🍕", sentence: str = "pizza again") -> Outcome:
    figures = {
        "n": 20, "accuracy": 0.8, "macro_f1": 0.75, "interval": [0.58, 0.92], "tested_on": "held-out", "trained_on": 100,
        "baselines": {"TF-IDF + logistic regression": {"accuracy": 0.6, "macro_f1": 0.5, "interval": [0.39, 0.78], "macro_f1_interval": [0.3, 0.7]},
                      "largest class": {"accuracy": 0.5, "macro_f1": 0.3, "interval": [0.3, 0.7], "macro_f1_interval": [0.2, 0.4]}},
        "classes": [{"label": label, "precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 10}],
    }  # fmt: skip
    mistake = {"sentence": sentence, "label": label, "predicted": "😢", "confidence": 0.9}
    return Outcome("/nowhere", "mine", ((label, "pizza"), ("😢", "crying face")), figures, (0.5, 0.9), ((8, 2), (2, 8)),
                   (label, "😢"), 2, (mistake,), (EPOCH,), 0, False, 4.2)  # fmt: skip


@pytest.mark.parametrize("sample", gather.SAMPLES.values())
def test_the_samples_are_ready_to_train_on(sample: str) -> None:
    dataset, report = read_csv(ROOT / "assets" / "samples" / sample)
    assert report.rows_used == report.rows_read >= 150
    assert len(report.class_counts) >= 5
    assert min(report.class_counts.values()) >= 25
    assert len({*dataset.sentences}) == len(dataset)


def test_sensible_emoji_are_suggested_for_words() -> None:
    dataset, _ = read_csv(ROOT / "assets" / "samples" / "moods.csv")
    found = report.suggested_emoji(dataset, EmojiPredictor.from_pretrained("everyday"))
    assert set(found) == {"happy", "sad", "angry", "calm", "scared"}
    assert len({*found.values()}) == 5
    assert found["happy"] in "😊😁😄😀🙂🥳"
    assert found["sad"] in "😢😭😞😔💔"
    assert found["angry"] in "😡😠🤬😤"


def test_labels_that_are_emoji_need_no_suggestion_and_are_not_suggested(vectors: WordVectors) -> None:
    data = Dataset(("so happy", "very sad", "glad"), ((label_of("😊"),), (label_of("😢"),), (label_of("happy"),)))
    found = report.suggested_emoji(data, EmojiPredictor.from_pretrained("everyday"))
    assert set(found) == {"happy"}
    assert found["happy"] not in {"😊", "😢"}
    assert report.known_share(data, vectors) == 1.0
    assert report.known_share(Dataset(("zxqv",), ((label_of("a"),),)), vectors) == 0.0


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_file_holds_is_escaped(label: str, column: str, sentence: str) -> None:
    _, found = read_csv(ROOT / "assets" / "samples" / "moods.csv")
    found = replace(found, class_counts={label: 3}, columns=(column, column), warnings=(sentence,))
    shown = report.report_html(Gathered(Path(f"{column.replace('/', '')}.csv"), found, {}, 0.4), sentence)
    allowed = {"p", "h4", "ul", "li", "b", "i", "span", "details", "summary"}
    assert tags(shown) <= allowed
    result = preview.result_html(outcome(label, sentence))
    assert tags(result) <= allowed | {"div", "table", "thead", "tbody", "tr", "th", "td", "caption", "q"}


def test_dropped_rows_are_told_by_reason(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("text,mood\nso happy,a\nso happy,a\n,b\n,b\nvery sad,b\n", encoding="utf-8")
    _, found = read_csv(file, drop_duplicates=True)
    shown = report.dropped_html(found)
    assert "3 rows are not used" in shown
    assert "no sentence: 2 (lines 4, 5)" in shown
    assert "the same as an earlier row: 1 (line 3)" in shown


@pytest.mark.parametrize(
    ("text", "label", "meant"), [(0, 1, (0, 1)), (1, 1, (1, 0)), (0, 0, (1, 0)), (2, 1, (2, 1)), (None, 1, (None, 1))]
)
def test_columns_change_places_where_one_is_chosen_for_both(
    text: int | None, label: int, meant: tuple[int | None, int]
) -> None:
    _, found = read_csv(ROOT / "assets" / "samples" / "moods.csv")
    assert gather.other_column(text, label, Gathered(Path("m.csv"), found, {}, 1.0)) == meant


def test_the_rows_of_the_table_become_a_csv(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    gather.write_rows([["so, happy", "😊"], ["", ""], ["sad", " 😢 "], [None, None]], file)
    dataset, _ = read_csv(file)
    assert dataset.sentences == ("so, happy", "sad")
    with pytest.raises(InputError, match="table is empty"):
        gather.write_rows([["", ""]], file)


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [([["a", "🍕"], ["b", ""], ["c", None]], {"a": "🍕"}), ([["", "🍕"], []], {}), (None, {})],
)
def test_labels_without_an_emoji_stay_words(rows: Any, chosen: dict[str, str]) -> None:
    assert gather.chosen_emoji(rows) == chosen


def test_the_verdict_says_how_good_it_is_and_how_sure_that_is() -> None:
    said = preview.verdict(outcome())
    assert "mine: of 20 held-out sentences, which it did not learn from, it gets 16 right (80%)" in said
    assert "about as many as the best simpler way (counting words: 60%)" in said
    assert "from 58% to 92%" in said
    assert "stopped" not in said
    assert "You stopped it early" in preview.verdict(replace(outcome(), stopped=True))
    seen = preview.verdict(replace(outcome(), seen=3))
    assert "did not learn from" not in seen
    assert "It learned from 3 of them" in seen
    alone = replace(outcome(), figures=outcome().figures | {"baselines": {}})
    assert "not measured, because you stopped it" in preview.verdict(alone)


def test_progress_is_told_in_plain_words() -> None:
    assert "number 2 in the queue" in train.progress_html(Waiting(2))
    assert "starting up" in train.progress_html(Working((), 1.0, False, False))
    shown = train.progress_html(Working((EPOCH,), 6.5, True, False))
    assert "Epoch 3 of at most 60 · held-out accuracy 75% · at most 2 min left" in shown
    assert 'aria-valuenow="5"' in shown.replace("'", '"')
    assert "Stopping" in train.progress_html(Working((EPOCH,), 6.5, True, True))
    assert "Stopped after 1 epoch." in train.progress_html(Working((EPOCH,), 6.5, True, True, True))
    assert "Learned after 1 epoch." in train.progress_html(Working((EPOCH,), 6.5, True, False, True))


def test_curves_hold_every_epoch_twice() -> None:
    loss, accuracy = train.curves([EPOCH, replace(EPOCH, epoch=4)])
    assert loss["epoch"].tolist() == [3, 4, 3, 4]
    assert accuracy["accuracy"].tolist() == [0.8, 0.8, 0.75, 0.75]


def test_many_classes_are_shown_in_part() -> None:
    many = {f"label {i}": i for i in range(60)}
    assert "and 20 more" in charts.bars(many, "many")
    shown = charts.confusion([[int(i == j) for j in range(4)] for i in range(4)], [*many][:4], 60)
    assert shown.count("<tr>") == 5
    assert "4 largest of 60" in shown


@pytest.mark.parametrize("name", ["", "a b", "../../x", "u/n/x", "user/<b>", "x" * 300])
def test_a_name_that_is_no_repository_is_refused_before_anything_is_sent(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", lambda *_, **__: pytest.fail("asked the Hub"))
    session = Session(tmp_path, outcome=outcome())
    with pytest.raises(InputError, match="Name the repository"):
        export.publish(replace(session, outcome=replace(outcome(), output=str(tmp_path))), name, True, "hf_secret")
    with pytest.raises(InputError, match=re.escape("is named user/name")):
        export.load(session, name)


def test_publishing_needs_a_model_and_leave(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model of yours"):
        export.publish(None, "me/mine", True, "hf_secret")
    with pytest.raises(InputError, match="sign in, or give a token"):
        export.publish(Session(tmp_path, outcome=replace(outcome(), output=str(tmp_path))), "me/mine", True, "")


def test_what_goes_wrong_on_the_hub_does_not_tell_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("cannot connect with hf_secret")

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", broken)
    with pytest.raises(InputError) as caught:
        export.publish(
            Session(tmp_path, outcome=replace(outcome(), output=str(tmp_path))), "me/mine", True, "hf_secret"
        )
    assert "hf_secret" not in str(caught.value)
    assert "could not be reached" in str(caught.value)


def test_only_the_four_files_of_the_model_folder_are_published(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {}

    class Made(str):
        repo_id = "me/mine"

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", lambda *_, **given: Made("https://huggingface.co/me/mine"))
    monkeypatch.setattr("huggingface_hub.HfApi.upload_folder", lambda *_, **given: sent.update(given))
    session = Session(tmp_path, outcome=replace(outcome(), output=str(model_folder)))
    assert export.publish(session, "mine", True, "hf_secret") == "https://huggingface.co/me/mine"
    assert sent["folder_path"] == str(model_folder)
    assert set(sent["allow_patterns"]) == {"README.md", "config.json", "model.safetensors", "model.keras"}


def test_a_repository_that_stays_empty_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Made(str):
        repo_id = "me/mine"

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no network")

    taken_back: list[str] = []
    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", lambda *_, **__: Made("https://huggingface.co/me/mine"))
    monkeypatch.setattr("huggingface_hub.HfApi.upload_folder", broken)
    monkeypatch.setattr("huggingface_hub.HfApi.delete_repo", lambda _, name: taken_back.append(name))
    with pytest.raises(InputError, match="could not be reached"):
        export.publish(Session(tmp_path, outcome=replace(outcome(), output=str(tmp_path))), "mine", True, "hf_secret")
    assert taken_back == ["me/mine"]


def test_a_model_from_the_hub_is_checked_before_it_is_used(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(name: str, files: Any, folder: Path) -> Path:
        if name == "no/network":
            raise RuntimeError("no network")
        for file in ("config.json", "model.safetensors"):
            content = (model_folder / file).read_bytes()
            (folder / file).write_bytes(content if name == "good/one" else content[: len(content) // 2])
        return folder

    monkeypatch.setattr(hub, "download", fetch)
    session = Session(tmp_path)
    assert export.load(session, "good/one") == "one (yours)"
    with pytest.raises(InputError, match="bad/one cannot be used") as caught:
        export.load(session, "bad/one")
    assert str(tmp_path) not in str(caught.value)
    monkeypatch.setattr(limits, "HUB_WEIGHTS", 10)
    with pytest.raises(InputError, match="over the limit of 10"):
        export.load(session, "good/one")
    with pytest.raises(RuntimeError):
        export.load(session, "no/network")
    assert list(session.models) == ["one (yours)"]
    assert len([*tmp_path.glob("hub *")]) == 1, "what is refused does not stay on the disk"
