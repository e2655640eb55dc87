"""Starts `app.py` as a user does, in a process of its own, and finds a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSER_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A running app: where, its process number, and where all it prints goes."""

    url: str
    pid: int
    log: Path

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(
    command: Sequence[str], port: int, log: Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Runs `command` until its page answers on `port`, and ends it afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"the app ended with {process.returncode}:\n{log.read_text(encoding='utf-8')}")
            try:
                urlopen(url, timeout=5).close()
                break
            except (URLError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield Served(url, process.pid, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def app_command(port: int, *options: str) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), "--port", str(port), *options]


def find_browser() -> str | None:
    """The path of a Chromium, `$EMOJI_MODEL_CHROMIUM` first."""
    names = (os.environ.get("EMOJI_MODEL_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)
