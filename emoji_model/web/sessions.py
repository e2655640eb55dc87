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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psutil

from emoji_model import limits
from emoji_model.dataset import DataReport
from emoji_model.errors import InputError
from emoji_model.job import Outcome
from emoji_model.web import models

OWN = "(yours)"
"""What the names of visitors' own models end with."""
_PREFIX = "emoji-model-"
_EMPTY_SECONDS, _IDLE_SECONDS = 60, 900  # who did nothing for that long, without and with files of their own, makes
# room for others where all places are taken
_NOTHING = (
    "Bring sentences first: upload a CSV, take a sample, or write some. What you brought before is deleted after an hour "
    "without use."
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sentences a visitor has brought.

    Attributes:
        file: where they lie.
        report: how they were found in it.
        suggested: an emoji for each label that is a word.
        known_share: the share of their words that GloVe knows.
        dropped: what the page says of the rows that are not used; the report does without them.
    """

    file: Path
    report: DataReport
    suggested: Mapping[str, str]
    known_share: float
    dropped: str = ""


@dataclass
class Session:
    """One visitor's things.

    Attributes:
        folder: where their files lie.
        file: the CSV they brought last, whether or not it could be used.
        gathered: the sentences in it.
        test: a CSV of its own to measure on.
        used: the folders of CSVs that a training still needs.
        outcome: of their last training.
        models: the folders of their models, by the names that are shown.
        stop: set to stop the training that runs for them.
        training: whether one does.
        package: the zip of their last model, where it is served from.
        holds: how many handlers are at work for them, beside a training.
        ended: whether the session is over.
    """

    folder: Path
    file: Path | None = None
    gathered: Gathered | None = None
    test: Path | None = None
    used: tuple[Path, ...] = ()
    outcome: Outcome | None = None
    models: dict[str, Path] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    training: bool = False
    package: Path | None = None
    holds: int = 0
    ended: bool = False
    touched: float = field(default_factory=monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def held(self) -> Iterator["Session"]:
        """Within it the session does not make room for others."""
        self.holds += 1
        try:
            yield self
        finally:
            self.holds -= 1

    def begin_training(self) -> Gathered:
        """Takes the sentences for a training, the only one of the session.

        Raises:
            InputError: where there are none, or one runs already.
        """
        with self._lock:
            if self.training:
                raise InputError("A training of yours is running already. Stop it first, or wait until it is done.")
            gathered = self.gathered
            if gathered is None:
                raise InputError(_NOTHING)
            self.training = True
            self.used = (gathered.file.parent, *([self.test.parent] if self.test else []))
            self.stop.clear()
            return gathered

    def end_training(self) -> None:
        """Lets another training begin."""
        self.training, self.used = False, ()
        if self.ended:
            shutil.rmtree(self.folder, ignore_errors=True)

    def hide(self, text: str) -> str:
        """`text` without the path of the session's folder."""
        return re.sub(rf"{re.escape(str(self.folder))}[\w./ \-]*/", "", text)

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
        self.file = self._place("in ", name)
        return self.file

    def bring_test(self, name: str) -> Path:
        """The same for a CSV to measure on."""
        self.test = None
        self.test = self._place("test ", name)
        return self.test

    def _place(self, prefix: str, name: str) -> Path:
        for old in self.folder.glob(f"{prefix}*"):
            if old not in self.used:
                shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder)) / name

    def offer(self, package: Path) -> None:
        """Keeps in mind the zip that is offered for download, and deletes the one before it."""
        if self.package and self.package != package:
            self.package.unlink(missing_ok=True)
        self.package = package
        if self.ended:
            package.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Deletes a model and its files."""
        folder = self.models.pop(name, None)
        if folder is None:
            return
        models.forget(str(folder))
        shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Deletes everything but the session itself; what cannot be deleted is left to the next start."""
        self.stop.set()
        for name in [*self.models]:
            self.drop(name)
        if self.package:
            with suppress(OSError):
                self.package.unlink(missing_ok=True)
        self.file = self.test = self.gathered = self.outcome = self.package = None
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
            InputError: where there are too many, or nobody says who asks.
        """
        if not key:
            raise InputError("This call names no session. Open the page, or use the API client.")
        self.sweep()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                self._make_room()
                if self._root is None or not self._root.is_dir():
                    self._root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
                session = self._sessions[key] = Session(Path(tempfile.mkdtemp(dir=self._root)))
            session.touched = monotonic()
            session.folder.mkdir(parents=True, exist_ok=True)
            return session

    def find(self, key: str | None) -> Session | None:
        """The session of a visitor, if there is one."""
        session = self._sessions.get(key) if key else None
        if session:
            session.touched = monotonic()
        return session

    def end(self, key: str | None) -> None:
        """Ends a session and its training, and deletes its files; does nothing where there is none."""
        with self._lock:
            session = self._sessions.pop(key, None) if key else None
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

    def sweep(self) -> None:
        """Ends the sessions with which nothing was done for long."""
        for key, seconds in self._idle().items():
            if seconds > limits.SESSION_SECONDS:
                self.end(key)

    def sweep_always(self) -> None:
        """Does so every minute from now on."""

        def go() -> None:
            while True:
                sleep(60)
                self.sweep()

        threading.Thread(target=go, daemon=True).start()

    def _idle(self) -> dict[str, float]:
        """For how many seconds nothing was done with each session that is not at work."""
        return {
            key: monotonic() - session.touched
            for key, session in [*self._sessions.items()]
            if not (session.training or session.holds)
        }

    def _make_room(self) -> None:
        """Where there are as many as can be, ends the one that is idle longest, of those without sentences first."""
        if len(self._sessions) < limits.SESSIONS:
            return
        idle = self._idle()
        with_nothing = {key for key in idle if not (self._sessions[key].file or self._sessions[key].models)}
        empty = {key: idle[key] for key in with_nothing if idle[key] > _EMPTY_SECONDS}
        idle = empty or {key: seconds for key, seconds in idle.items() if seconds > _IDLE_SECONDS}
        if not idle:
            raise InputError("Too many people are here with files of their own. Try again in a few minutes.")
        session = self._sessions.pop(max(idle, key=idle.__getitem__))
        session.ended = True
        session.clear()


def _delete_left_over() -> None:
    """Deletes the folders of processes that are gone, also where another process has their number now."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        match = re.fullmatch(rf"{_PREFIX}(\d+)-\w+", left.name)
        with suppress(OSError):
            facts = left.lstat()
            ours = not hasattr(os, "getuid") or facts.st_uid == os.getuid()
            if match and ours and not left.is_symlink() and not _runs(int(match[1]), facts.st_mtime):
                shutil.rmtree(left, ignore_errors=True)


def _runs(process: int, since: float) -> bool:
    """Whether a process of that number runs that is older than `since`."""
    try:
        return bool(psutil.Process(process).create_time() <= since + 1)
    except psutil.Error:
        return False


def safe_name(name: str) -> str:
    """A short file name without anything but letters, digits, blanks, `-`, `_` and a `.csv` at its end."""
    stem = re.sub(r"[^\w \-]+", " ", Path(name[-1_000:]).stem).strip()[:40].strip()
    return f"{stem or 'sentences'}.csv"
