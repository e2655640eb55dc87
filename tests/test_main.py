"""The command line as a user runs it: exit statuses, one line for bad input, JSON alone on standard output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import WriteCsv

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emoji_model", *map(str, arguments)],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_predict_prints_a_table_or_json() -> None:
    plain = run("predict", "i love you so much", "--model", "classic")
    assert plain.returncode == 0
    assert "red heart" in plain.stdout.splitlines()[0]
    found = json.loads(run("predict", "i love you so much", "--model", "classic", "--top", "2", "--json").stdout)
    assert len(found) == 2
    assert set(found[0]) == {"emoji", "name", "confidence"}
    assert found[0]["emoji"] == "❤️"


def test_predict_abstains_calmly() -> None:
    done = run("predict", "zxqvw", "--json")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")
    assert run("predict", "").stdout.startswith("Not sure")


def test_evaluate(write_csv: WriteCsv) -> None:
    path = write_csv([["sentence", "emoji"], ["i love you", "❤️ 💕"], ["we ate pasta for dinner", "🍴"]])
    figures = json.loads(run("evaluate", path, "--model", "classic", "--json").stdout)
    assert list(figures) == ["n", "accuracy", "macro_f1", "hit@1", "hit@3", "hit@5", "ece"]
    assert figures["n"] == 2
    assert figures["hit@5"] == 1


def test_coverage(write_csv: WriteCsv) -> None:
    found = json.loads(run("coverage", write_csv("text,label\nlove zxqvw,a\nyou and me,b\n"), "--json").stdout)
    assert found == {"tokens": 5, "known": 4, "share": 0.8}


def test_train_writes_a_folder_that_predicts(write_csv: WriteCsv, tmp_path: Path) -> None:
    rows = [[f"{word} {more}", label] for more in ("again", "today", "please", "now") for word, label in
            [("pizza", "🍕"), ("pasta", "🍕"), ("tears", "😢"), ("crying", "😢"), ("bread", "🍕"), ("grief", "😢")]]  # fmt: skip
    done = run("train", write_csv(rows), "--output", tmp_path / "mine", "--epochs", 2, "--compare", "gru", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["trained_on"] == 20
    assert 0 <= result["accuracy"] <= 1
    assert "epoch   2" in done.stderr
    card = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert "| GRU |" in card
    found = json.loads(run("predict", "more pasta", "--model", tmp_path / "mine", "--json").stdout)
    assert {"🍕", "😢"} >= {p["emoji"] for p in found}


BROKEN_GLOVE = "love " + " ".join(["0.1"] * 50) + "\npizza 0.1 0.2\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["predict", "hi", "--model", "nosuch"], "There is no model 'nosuch'. Give one of"),
        (["predict", "hi", "--model", "{tmp}"], "config.json is missing"),
        (["predict", "hi", "--model", "x" * 300], "There is no model 'xxx"),
        (["predict", "hi", "--model", "foo/bar--baz"], "foo/bar--baz"),
        (["predict", "hi", "--top", "x"], "invalid int value: 'x'"),
        (["evaluate", "y" * 300], "is no file"),
        (["train", "{tmp}/good.csv", "--output", "{tmp}/m", "--seed", "-1"], "seed must be from 0"),
        (["predict", "hi", "--top", "0"], "top_k must be a whole number from 1 to 50. Received: 0."),
        (["predict", "hi", "--vectors", "{tmp}/none.txt"], "none.txt is no file"),
        (["predict", "hi", "--vectors", "{tmp}/broken.txt"], "broken.txt, line 2"),
        (["evaluate", "{tmp}/none.csv"], "none.csv is no file"),
        (["evaluate", "{tmp}/one.csv"], "one.csv has one column"),
        (["train", "{tmp}/oneclass.csv", "--output", "{tmp}/m"], "have the label 'a'"),
        (["train", "{tmp}/good.csv", "--output", "{tmp}/m", "--architecture", "cnn"], "architecture must be one of"),
        (["train", "{tmp}/good.csv", "--output", "{tmp}/m", "--epochs", "0"], "Epochs must be from 1"),
        (["train", "{tmp}/good.csv", "--output", "{tmp}/one.csv", "--epochs", "1"], "one.csv"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    write_csv: WriteCsv, tmp_path: Path, arguments: list[str], says: str
) -> None:
    write_csv(BROKEN_GLOVE, "broken.txt")
    write_csv("only text\nmore text\n", "one.csv")
    write_csv("hello you,a\nbye you,a\n", "oneclass.csv")
    write_csv("hello you,a\nbye you,b\ngood day,a\nbad day,b\n", "good.csv")
    done = run(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert says in line


def test_usage_errors_have_status_2_too() -> None:
    for arguments in ([], ["frobnicate"], ["predict"]):
        done = run(*arguments)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_a_limit_that_is_no_number_is_one_line() -> None:
    done = run("predict", "hi", EMOJI_MODEL_TOP_K="abc")
    assert done.returncode != 0
    assert done.stderr.splitlines() == ["EMOJI_MODEL_TOP_K must be a whole number above zero. Received: 'abc'"]


def test_any_output_encoding_will_do() -> None:
    for more in ((), ("--json",)):
        done = run("predict", "i love you", *more, PYTHONIOENCODING="latin-1")
        assert done.returncode == 0
        assert "Traceback" not in done.stderr


def test_test_sentences_that_are_learned_from_are_named(write_csv: WriteCsv, tmp_path: Path) -> None:
    rows = [[f"{word} again", label] for word, label in
            [("pizza", "🍕"), ("pasta", "🍕"), ("tears", "😢"), ("crying", "😢"), ("bread", "🍕"), ("grief", "😢")]]  # fmt: skip
    path = write_csv(rows)
    done = run("train", path, "--test", path, "--output", tmp_path / "mine", "--start", "scratch", "--epochs", 1)
    assert "6 of the test sentences are also learned from" in done.stdout


def test_a_closed_pipe_is_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} -m emoji_model predict 'i love you' | true",
        shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
