"""What belongs to one visitor: a folder for their files, their models, and the training that runs for them.

A session is known by Gradio's session hash, a random number that the visitor's page makes up. It ends
when the page is closed or reloaded, or when nothing was done with it for `limits.SESSION_SECONDS`; its
files are deleted then. Folders that a killed app left behind are deleted when the next one starts.
"""

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import psutil

from emoji_model import limits
from emoji_model.dataset import DataReport
from emoji_model.errors import InputError
from emoji_model.job import Outcome
from emoji_model.web import models

OWN = "(yours)"
"""What the names of visitors' own models end with."""
_PREFIX = "emoji-model-"
_IDLE_SECONDS = 300  # who did nothing for that long makes room for others, where all places are taken


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sentences a visitor has brought.

    Attributes:
        file: where they lie.
        report: how they were found in it.
        suggested: an emoji for each label that is a word.
        known_share: the share of their words that GloVe knows.
    """

    file: Path
    report: DataReport
    suggested: Mapping[str, str]
    known_share: float


@dataclass
class Session:
    """One visitor's things.

    Attributes:
        folder: where their files lie.
        file: the CSV they brought last, whether or not it could be used.
        gathered: the sentences in it.
        used: the folder of a CSV that a training still needs.
        outcome: of their last training.
        models: the folders of their models, by the names that are shown.
        stop: set to stop the training that runs for them.
        training: whether one does.
        package: the zip of their last model, where it is served from.
        outside: other files of theirs that lie elsewhere.
        ended: whether the session is over.
    """

    folder: Path
    file: Path | None = None
    gathered: Gathered | None = None
    used: Path | None = None
    outcome: Outcome | None = None
    models: dict[str, Path] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    training: bool = False
    package: Path | None = None
    outside: set[Path] = field(default_factory=set)
    ended: bool = False
    touched: float = field(default_factory=monotonic)

    def keep(self, name: str, folder: Path) -> str:
        """Makes a model folder one of the session's models; returns the name it is shown by.

        Past `limits.SESSION_MODELS` the oldest one is deleted.
        """
        shown = f"{name[:40]} {OWN}"
        number = 1
        while shown in self.models:
            number += 1
            shown = f"{name[:40]} {number} {OWN}"
        self.models[shown] = folder
        while len(self.models) > limits.SESSION_MODELS:
            self.drop(next(iter(self.models)))
        return shown

    def bring(self, name: str) -> Path:
        """A place for a new CSV of that name; what was brought before is deleted, unless a training needs it."""
        self.file = self.gathered = None
        for old in self.folder.glob("in *"):
            if old != self.used:
                shutil.rmtree(old, ignore_errors=True)
        self.file = Path(tempfile.mkdtemp(prefix="in ", dir=self.folder)) / name
        return self.file

    def offer(self, package: Path) -> None:
        """Keeps in mind the zip that is offered for download, and deletes the one before it."""
        if self.package and self.package != package:
            self.package.unlink(missing_ok=True)
        self.package = package

    def drop(self, name: str) -> None:
        """Deletes a model and its files."""
        folder = self.models.pop(name)
        models.forget(str(folder))
        shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Deletes everything but the session itself."""
        self.stop.set()
        for name in list(self.models):
            self.drop(name)
        for path in {*self.outside, *([self.package] if self.package else [])}:
            path.unlink(missing_ok=True)
        self.outside.clear()
        self.file = self.gathered = self.outcome = self.package = None
        shutil.rmtree(self.folder, ignore_errors=True)


class Sessions:
    """All sessions of the app."""

    def __init__(self) -> None:
        _delete_left_over()
        self._root: Path | None = None
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def of(self, key: str | None) -> Session:
        """The session of a visitor, made where there is none.

        Raises:
            InputError: where there are too many.
        """
        key = key or ""
        with self._lock:
            self._sweep()
            session = self._sessions.get(key)
            if session is None:
                self._make_room()
                self._root = self._root or Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
                session = self._sessions[key] = Session(Path(tempfile.mkdtemp(dir=self._root)))
            session.touched = monotonic()
            session.folder.mkdir(exist_ok=True)
            return session

    def find(self, key: str | None) -> Session | None:
        """The session of a visitor, if there is one."""
        session = self._sessions.get(key or "")
        if session:
            session.touched = monotonic()
        return session

    def end(self, key: str | None) -> None:
        """Ends a session and its training, and deletes its files; does nothing where there is none."""
        with self._lock:
            session = self._sessions.pop(key or "", None)
        if session:
            session.ended = True
            session.clear()

    def close(self) -> None:
        """Ends all sessions."""
        for key in list(self._sessions):
            self.end(key)
        if self._root:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = None

    def _make_room(self) -> None:
        """Where there are as many as can be, ends the one that is idle longest, of those without sentences first."""
        if len(self._sessions) < limits.SESSIONS:
            return
        idle = {key: monotonic() - session.touched for key, session in self._sessions.items() if not session.training}
        empty = {
            key: seconds
            for key, seconds in idle.items()
            if not (self._sessions[key].file or self._sessions[key].models)
        }
        idle = empty or {key: seconds for key, seconds in idle.items() if seconds > _IDLE_SECONDS}
        if not idle:
            raise InputError("Too many people are here with files of their own. Try again in a few minutes.")
        session = self._sessions.pop(max(idle, key=idle.__getitem__))
        session.ended = True
        session.clear()

    def _sweep(self) -> None:
        now = monotonic()
        for key, session in list(self._sessions.items()):
            if not session.training and now - session.touched > limits.SESSION_SECONDS:
                del self._sessions[key]
                session.ended = True
                session.clear()


def _delete_left_over() -> None:
    """Deletes the folders of processes that are gone."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        match = re.fullmatch(rf"{_PREFIX}(\d+)-\w+", left.name)
        ours = not hasattr(os, "getuid") or left.lstat().st_uid == os.getuid()
        if match and ours and not left.is_symlink() and not psutil.pid_exists(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)


def safe_name(name: str) -> str:
    """A short file name without anything but letters, digits, blanks, `-`, `_` and a `.csv` at its end."""
    stem = re.sub(r"[^\w \-]+", " ", Path(name[-1_000:]).stem).strip()[:40].strip()
    return f"{stem or 'sentences'}.csv"
