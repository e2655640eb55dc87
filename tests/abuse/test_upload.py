"""Hostile and broken files against the running handlers of the retrain tab: every answer is one clear sentence.

Each file is given to the handler that an upload calls; where it is taken, the training is run on it too.
"""

import gc
import gzip
import html
import io
import json
import os
import random
import re
import socket
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import pytest

from emoji_model import limits
from emoji_model.trainer import Trainer
from emoji_model.web import demo as page
from tests.web.serving import app_command, free_port, serve

WORDS = [
    "pizza",
    "river",
    "happy",
    "window",
    "stone",
    "love",
    "train",
    "music",
    "winter",
    "coffee",
    "garden",
    "friend",
    "light",
    "paper",
    "market",
    "sugar",
    "letter",
    "cloud",
    "street",
    "morning",
    "dinner",
    "yellow",
    "silver",
    "kitchen",
    "summer",
    "island",
    "mountain",
]
GOOD = [(f"{a} {b} today", "🍕" if n % 2 else "😢") for n, (a, b) in enumerate(zip(WORDS, WORDS[3:], strict=False))]


def sentences(count: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [f"{' '.join(draw.sample(WORDS, 4))} {n}" for n in range(count)]


class Tab:
    """The retrain tab's handlers, for one visitor after another."""

    def __init__(self) -> None:
        self.trainer = Trainer()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # Gradio leaves an event loop open when a page is built
            self.demo = page.build(trainer=self.trainer)
            gc.collect()
        self.uploads = Path(tempfile.mkdtemp())
        self.visitor = 0

    def handler(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = next(fn.fn for fn in self.demo.fns.values() if fn.name == name and fn.fn)
        return found

    def request(self) -> Any:
        return SimpleNamespace(session_hash=f"visitor {self.visitor}")

    def upload(self, content: bytes, name: str = "data.csv") -> str:
        """A new visitor's upload; what the report says, without its tags."""
        self.visitor += 1
        path = self.uploads / name
        path.write_bytes(content)
        return text_of(self.handler("upload")(str(path), self.request())[0])

    def train(self, architecture: str = "bilstm", start: str = "everyday") -> list[dict[Any, Any]]:
        """What the Train button yields for that visitor."""
        return list(self.handler("run")(architecture, start, 5, 15, [], self.request()))

    def leave(self) -> None:
        self.handler("leave")(self.request())


def text_of(shown: str) -> str:
    assert "<script" not in shown
    assert "<img" not in shown
    return html.unescape(re.sub(r"<[^>]+>", " ", shown))


def lines(update: dict[Any, Any]) -> str:
    """The text of all HTML in one update of the page."""
    return " ".join(text_of(value) for value in update.values() if isinstance(value, str))


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    one = Tab()
    yield one
    one.trainer.close()


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.csv", as_csv(GOOD))
    return out.getvalue()


REFUSED = {
    "an empty file": (b"", "is empty"),
    "blanks only": (b" \n\n  \n", "is empty"),
    "a header only": (b"text,label\n", "no rows"),
    "one column": (b"sentence\nhello there\ngood night\n", "one column"),
    "one class": (as_csv([(s, "🍕") for s in sentences(20)]), "At least two are needed"),
    "ten classes with one row each": (as_csv([*zip(sentences(10), map(str, range(10, 20)), strict=True)]), "two sentences or more"),
    "all duplicates": (as_csv([("the same sentence", "🍕")] * 50), "At least two"),
    "NUL bytes": (b"text,label\nhel\0lo,a\nbye,b\n", "NUL bytes"),
    "gzip under .csv": (gzip.compress(as_csv(GOOD)), "gzip"),
    "zip under .csv": (zipped(), "zip"),
    "a PNG under .csv": (png(), "PNG"),
    "200,001 rows": (b"text,label\n" + b"hi there,a\n" * 200_001, "200,000"),
    "more rows than can be trained": (as_csv([(s, "ab"[n % 2]) for n, s in enumerate(sentences(50_002))]), "50,000"),
    "20 MB and a byte": (b"text,label\n" + b"x" * (limits.CSV_BYTES - 10), "20,000,001"),
    "too many columns": (b",".join(b"c" for _ in range(1_001)) + b"\n", "over the limit of 1,000"),
    "random bytes": (random.Random(1).randbytes(5_000), ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(tab: Tab, kind: str) -> None:
    content, says = REFUSED[kind]
    shown = tab.upload(content)
    assert says in shown
    assert "Traceback" not in shown
    assert str(tab.uploads) not in shown
    last = tab.train()[-1]
    assert re.search(r"Bring sentences first|At least two|two sentences or more", lines(last))
    tab.leave()


def good_with(extra: Sequence[Sequence[str]]) -> bytes:
    return as_csv([("text", "label"), *GOOD, *extra])


USED = {
    "contradictory labels": good_with([("pizza river", "🍕"), ("pizza river", "😢")]),
    "a field of 1 MB": good_with([("word " * 200_000, "🍕")]),
    "300 columns": as_csv([("text", "label", *["x"] * 298), *[(s, y, *["1"] * 298) for s, y in GOOD]]),
    "UTF-16": ("text,label\n" + "\n".join(f"{s},{y}" for s, y in GOOD)).encode("utf-16"),
    "Latin-1": ("text,label\n" + "\n".join(f"café {s},{'fed' if y == '🍕' else 'düster'}" for s, y in GOOD)).encode("latin-1"),
    "formulas in cells": good_with([("=HYPERLINK(1)", "🍕"), ("@SUM(1+1)*cmd|' /C calc'!A0", "😢")]),
    "HTML in labels": as_csv([("text", "label"), *[(s, "<img src=x onerror=alert(1)>" if y == "🍕" else "${alert(1)}") for s, y in GOOD]]),
    "HTML in sentences": as_csv([("text", "label"), *[(f"<script>alert(1)</script> {s}", y) for s, y in GOOD]]),
    "HTML in the header": as_csv([("text", "<img src=x onerror=alert(1)>"), *GOOD]),
    "labels that differ in U+FE0F only": as_csv([("text", "emoji"), *[(s, ("❤", "❤️")[n % 2]) for n, (s, _) in enumerate(GOOD)], *GOOD[:6]]),
    "labels that differ in skin tone only": as_csv([("text", "emoji"), *[(s, ("👍🏽", "👍")[n % 2]) for n, (s, _) in enumerate(GOOD)], *GOOD[:6]]),
    "some rows of nothing known": good_with([("zxqv wvq", "🍕"), ("!!!!", "😢"), ("​", "🍕"), ("qqqzz", "😢")]),
    "one row per class but two": good_with([("a", "🍕"), ("b", "😢")]),
    "a very long file name": good_with([]),
    "rows of nan, inf and nothing": good_with([("nan", "🍕"), ("inf", "😢"), ("None", "🍕"), ("0", "😢"), ("NULL", "")]),
    "two columns in the other order": as_csv([("label", "text"), *[(y, s) for s, y in GOOD]]),
}  # fmt: skip


@pytest.mark.parametrize("kind", USED)
def test_what_is_odd_but_usable_is_trained(tab: Tab, kind: str) -> None:
    name = "x" * 240 + ".csv" if "file name" in kind else "data.csv"
    shown = tab.upload(USED[kind], name)
    assert "rows are used" in shown
    last = tab.train()[-1]
    assert "is trained" in lines(last)
    assert "nan" not in lines(last).lower().split()
    tab.leave()


def test_a_class_is_one_with_or_without_a_variation_selector_or_tone(tab: Tab) -> None:
    shown = tab.upload(USED["labels that differ in U+FE0F only"])
    assert "3 labels" in " ".join(shown.split())
    tab.leave()


@pytest.mark.parametrize("architecture", ["bilstm", "simple_rnn"])
def test_text_of_which_nothing_is_known_is_told(tab: Tab, architecture: str) -> None:
    rows = [("text", "label"), *[(f"zxqv{n}wq qqvz{n}", "ab"[n % 2]) for n in range(30)]]
    assert "The network knows few" in tab.upload(as_csv(rows))
    assert "have a word that GloVe knows" in lines(tab.train(architecture, "scratch")[-1])
    tab.leave()


def test_rows_read_used_and_dropped_add_up(tab: Tab) -> None:
    rows = good_with([("", "🍕"), ("hello", ""), GOOD[0], ("long", "y" * 80)])
    shown = tab.upload(rows)
    assert f"{len(GOOD)} of {len(GOOD) + 4} rows" in " ".join(shown.split())
    assert "4 rows are not used" in shown
    assert f"no sentence: 1 (line {len(GOOD) + 2})" in " ".join(shown.split())
    for reason in ("no label", "the same as an earlier row", "more than 60 characters"):
        assert reason in shown
    tab.leave()


@pytest.mark.parametrize(
    "arguments",
    [
        ("transformer", "everyday", 0, 15),
        ("lstm", "moon", 0, 15),
        ("lstm", "scratch", 10**9, 15),
        ("lstm", "scratch", -1, 15),
        ("lstm", "scratch", "many", 15),
        ("lstm", "scratch", 5, 99),
        (None, None, None, None),
    ],
)
def test_options_that_the_page_does_not_offer_are_refused(tab: Tab, arguments: tuple[Any, ...]) -> None:
    tab.upload(good_with([]))
    last = list(tab.handler("run")(*arguments, [], tab.request()))[-1]
    assert re.search("must be", lines(last))
    tab.leave()


def test_an_emoji_that_is_none_is_refused_and_the_sentences_stay(tab: Tab) -> None:
    tab.upload(as_csv([("text", "mood"), *[(s, "fed" if y == "🍕" else "low") for s, y in GOOD]]))
    last = list(tab.handler("run")("bilstm", "everyday", 5, 15, [["fed", "<b>"]], tab.request()))[-1]
    assert "needs one emoji. Received: '<b>'" in lines(last)
    assert "is trained" in lines(tab.train()[-1])
    tab.leave()


@pytest.mark.parametrize(
    ("content", "says", "then"),
    [
        (as_csv([("text", "label"), ("a quiet evening", "🍕"), ("paper and sugar", "😢"), ("something else", "🎉")]),
         "tested on 3 sentences", "of 3 test sentences, which it did not learn from,"),
        (good_with([]), f"tested on {len(GOOD)} sentences", f"It learned from {len(GOOD)} of them"),
        (b"", "is empty", "is empty"),
        (png(), "it is PNG", "it is PNG"),
    ],
)  # fmt: skip
def test_a_csv_of_its_own_to_test_on(tab: Tab, content: bytes, says: str, then: str) -> None:
    tab.upload(good_with([]))
    path = tab.uploads / "test.csv"
    path.write_bytes(content)
    assert says in text_of(tab.handler("take_test")(str(path), tab.request()))
    assert then in lines(tab.train()[-1])
    assert not tab.handler("take_test")(None, tab.request())
    assert "held-out sentences" in lines(tab.train()[-1])
    tab.leave()


def test_a_file_that_is_gone_is_told(tab: Tab) -> None:
    missing = str(tab.uploads / "missing.csv")
    assert "did not arrive" in text_of(tab.handler("upload")(missing, tab.request())[0])
    assert "did not arrive" in text_of(tab.handler("take_test")(missing, tab.request()))
    tab.leave()


def test_sentences_brought_while_others_train_do_not_reach_that_training(tab: Tab) -> None:
    tab.upload(good_with([]), "same.csv")
    running = tab.handler("run")("bilstm", "everyday", 5, 15, [], tab.request())
    next(running)
    next(running)  # it is the worker's now
    (tab.uploads / "same.csv").write_bytes(
        as_csv([("text", "label"), *[(s, "ab"[n % 2]) for n, (s, _) in enumerate(GOOD)]])
    )
    tab.handler("upload")(str(tab.uploads / "same.csv"), tab.request())
    last = list(running)[-1]
    assert "😢" in lines(last)
    tab.leave()


def test_columns_can_be_chosen_where_the_guess_is_wrong(tab: Tab) -> None:
    rows = [("comment", "answer"), *[("ab"[n % 2], s) for n, (s, _) in enumerate(GOOD)]]
    assert "At least two" in tab.upload(as_csv(rows)) or "two sentences or more" in tab.upload(as_csv(rows))
    shown = text_of(tab.handler("columns")(1, 0, tab.request())[0])
    assert "2 labels" in " ".join(shown.split())
    assert "is trained" in lines(tab.train()[-1])
    tab.leave()


@pytest.mark.parametrize(
    "call", [("upload", 5), ("rows", "x"), ("rows", None), ("columns", "a", "b"), ("columns", 10**9, -1)]
)
def test_calls_the_page_never_makes_are_answered_in_a_sentence(tab: Tab, call: tuple[Any, ...]) -> None:
    tab.upload(good_with([]))
    name, *arguments = call
    shown = text_of(tab.handler(name)(*arguments, tab.request())[0])
    assert shown.strip()
    tab.leave()


def csv_files() -> set[Path]:
    roots = Path(tempfile.gettempdir()).glob(f"emoji-model-{os.getpid()}-*")
    return {path for root in roots for path in root.rglob("*.csv")}


def test_leaving_deletes_every_file(tab: Tab) -> None:
    before = csv_files()
    tab.upload(good_with([]))
    assert csv_files() - before
    last = tab.train()[-1]
    package = next(value for value in last.values() if isinstance(value, gr.DownloadButton)).value
    served = Path(package["path"] if isinstance(package, dict) else package)
    assert served.is_file()
    tab.leave()
    assert not served.exists()
    assert not (tab.uploads / "data.csv").exists()
    assert csv_files() <= before


def test_an_address_in_the_place_of_a_file_is_not_fetched() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.2)
        port = free_port()
        with serve(app_command(port), port, Path(tempfile.mkdtemp()) / "log.txt") as app:
            address = f"http://127.0.0.1:{listening.getsockname()[1]}/20GB"
            config = json.loads(urlopen(f"{app.url}/config", timeout=20).read())
            for number in [dependency["id"] for dependency in config["dependencies"]]:
                data = [{"path": address, "meta": {"_type": "gradio.FileData"}}] * 6
                body = json.dumps({"fn_index": number, "data": data, "session_hash": "x"}).encode()
                call = Request(f"{app.url}/gradio_api/run/predict", body, {"Content-Type": "application/json"})
                with suppress(HTTPError):
                    urlopen(call, timeout=20).close()
        with pytest.raises(TimeoutError):
            listening.accept()
