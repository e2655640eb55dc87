"""From start to the first answered prediction, and resident memory: our app and a bare echo app, in turn.

Run `python -m tests.benchmarks.start`.
"""

import os
import subprocess
import sys
import time
from statistics import median
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

from tests.benchmarks.table import show, verdict
from tests.web.serving import ROOT, app_command, free_port

ROUNDS = 5


def answered(port: int, data: str) -> bool:
    """Whether a prediction could be had through the API."""
    call = Request(
        f"http://127.0.0.1:{port}/gradio_api/call/predict", data.encode(), {"Content-Type": "application/json"}
    )
    try:
        with urlopen(call, timeout=20) as reply:
            event = reply.read().decode().split('"')[3]
        with urlopen(f"http://127.0.0.1:{port}/gradio_api/call/predict/{event}", timeout=20) as reply:
            return "complete" in reply.read().decode()
    except (URLError, OSError):
        return False


def measure(command: list[str], port: int, data: str) -> tuple[float, float, bool]:
    """Seconds to the first answer, resident MB after it, and whether TensorFlow is mapped."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        while not answered(port, data):
            if process.poll() is not None or time.perf_counter() - start > 120:
                raise RuntimeError(f"{command} did not answer")
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        running = psutil.Process(process.pid)
        mapped = any("tensorflow" in part.path for part in running.memory_maps())
        return seconds, running.memory_info().rss / 2**20, mapped
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measures and prints."""
    found: dict[str, list[tuple[float, float, bool]]] = {"echo app": [], "our app": []}
    for _ in range(ROUNDS + 1):
        port = free_port()
        found["echo app"].append(
            measure([sys.executable, "-m", "tests.benchmarks.echo", str(port)], port, '{"data": ["hi"]}')
        )
        port = free_port()
        found["our app"].append(measure(app_command(port), port, '{"data": ["i love you", "", 5]}'))
    medians = {
        name: (median(r[0] for r in runs[1:]), median(r[1] for r in runs[1:]), any(r[2] for r in runs))
        for name, runs in found.items()
    }
    rows = [(n, f"{s:.2f}", f"{mb:,.0f}", "yes" if tf else "no") for n, (s, mb, tf) in medians.items()]
    show("Start to first answer", ("", "seconds", "resident MB", "TensorFlow mapped"), rows)
    verdict("seconds, ours / echo", medians["our app"][0] / medians["echo app"][0], 1.5)
    verdict("resident MB, ours - echo", medians["our app"][1] - medians["echo app"][1], 200)


if __name__ == "__main__":
    main()
