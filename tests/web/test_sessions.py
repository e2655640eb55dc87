"""What belongs to a visitor, and that it goes with them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from emoji_model import InputError, limits
from emoji_model.dataset import read_csv
from emoji_model.persistence import Model, save_model
from emoji_model.web import models
from emoji_model.web.sessions import Gathered, Sessions, safe_name
from tests.web.serving import ROOT


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Sessions()


def test_each_visitor_has_a_folder_of_their_own_and_it_goes_with_them(sessions: Sessions) -> None:
    one, two = sessions.of("a"), sessions.of("b")
    assert one.folder != two.folder
    assert sessions.of("a") is one
    (one.folder / "data.csv").write_text("secret")
    elsewhere = one.folder.parent / "mine.zip"
    elsewhere.write_text("secret")
    one.offer(elsewhere)
    sessions.end("a")
    sessions.end("a")
    assert one.ended
    assert one.stop.is_set()
    assert not one.folder.exists()
    assert not elsewhere.exists()
    assert two.folder.exists()
    assert sessions.find("a") is None
    sessions.close()
    assert not two.folder.parent.exists()


def test_the_folder_is_closed_to_other_users(sessions: Sessions) -> None:
    folder = sessions.of("a").folder
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0


def test_models_have_names_of_their_own_and_the_oldest_goes(sessions: Sessions, model: Model) -> None:
    session = sessions.of("a")
    folders = [save_model(model, session.folder / f"m{i}") for i in range(limits.SESSION_MODELS + 1)]
    models.predictor(str(folders[0]))
    names = [session.keep("moods", folder) for folder in folders]
    assert len(set(names)) == len(names)
    assert names[:2] == ["moods (yours)", "moods 2 (yours)"]
    assert list(session.models) == names[1:]
    assert not folders[0].exists()
    with pytest.raises(InputError):
        models.predictor(str(folders[0]))


def test_there_is_a_most_of_sessions_and_old_ones_make_room(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SESSIONS", 2)
    first = sessions.of("a")
    second = sessions.of("b")
    for session in (first, second):
        session.bring("data.csv")
    with pytest.raises(InputError, match="Too many people"):
        sessions.of("c")
    first.touched -= limits.SESSION_SECONDS + 1
    assert sessions.of("c")
    assert first.ended
    assert not first.folder.exists()


def test_where_all_places_are_taken_those_without_sentences_make_room_first(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SESSIONS", 3)
    keeps, empty, idle = (sessions.of(key) for key in "abc")
    keeps.bring("data.csv")
    idle.bring("data.csv")
    idle.touched -= 400
    empty.touched -= 100
    idle.touched -= 1_000
    sessions.of("d").bring("data.csv")
    assert empty.ended
    assert not idle.ended
    sessions.of("e")
    assert idle.ended
    assert not keeps.ended


def test_what_is_brought_anew_replaces_what_was_there_unless_a_training_needs_it(sessions: Sessions) -> None:
    session = sessions.of("a")
    first = session.bring("data.csv")
    first.write_text("one")
    second = session.bring("data.csv")
    assert second != first
    assert not first.exists()
    second.write_text("two")
    session.used = (second.parent,)
    third = session.bring("data.csv")
    third.write_text("three")
    assert second.read_text() == "two"
    assert session.file == third
    assert session.gathered is None


@pytest.mark.parametrize("key", [None, ""])
def test_who_names_no_session_has_none(sessions: Sessions, key: str | None) -> None:
    with pytest.raises(InputError, match="names no session"):
        sessions.of(key)
    assert sessions.find(key) is None
    sessions.end(key)


def test_a_session_at_work_makes_no_room(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SESSIONS", 1)
    session = sessions.of("a")
    session.touched -= 100
    with session.held(), pytest.raises(InputError, match="Too many people"):
        sessions.of("b")
    assert sessions.of("b")
    assert session.ended


def test_one_training_at_a_time(sessions: Sessions) -> None:
    session = sessions.of("a")
    with pytest.raises(InputError, match="Bring sentences first"):
        session.begin_training()
    _, report = read_csv(ROOT / "assets" / "samples" / "moods.csv")
    session.gathered = Gathered(session.folder / "in 1" / "moods.csv", report, {}, 1.0)
    session.begin_training()
    with pytest.raises(InputError, match="running already"):
        session.begin_training()
    session.end_training()
    assert session.begin_training()


def test_an_old_session_that_trains_stays(sessions: Sessions) -> None:
    first = sessions.of("a")
    first.touched -= limits.SESSION_SECONDS + 1
    first.training = True
    sessions.of("b")
    assert not first.ended


def test_what_a_killed_app_left_is_deleted_at_the_next_start(sessions: Sessions) -> None:
    root = Path(tempfile.gettempdir())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, running, other = (
        root / f"emoji-model-{gone.pid}-abc",
        root / f"emoji-model-{os.getpid()}-abc",
        root / "emoji-model-x",
    )
    for folder in (left, running, other):
        (folder / "inner").mkdir(parents=True)
    recycled = root / "emoji-model-1-abc"  # of an app that had the number which another process has now
    recycled.mkdir()
    os.utime(recycled, (1, 1))
    Sessions()
    assert not left.exists()
    assert not recycled.exists()
    assert running.exists()
    assert other.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("moods.csv", "moods.csv"),
        ("../../etc/passwd", "passwd.csv"),
        ("a" * 10_000 + ".csv", "a" * 40 + ".csv"),
        ("<img src=x onerror=alert(1)>.csv", "img src x onerror alert 1.csv"),
        (".csv", "csv.csv"),
        ("", "sentences.csv"),
        ("...", "sentences.csv"),
        ("Größe 1.TSV", "Größe 1.csv"),
    ],
)
def test_file_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
