"""The app as Spaces runs it, and as a user starts it: tracked files only, read-only, no rights, no network."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from gradio_client import Client, handle_file

from tests.conftest import WriteCsv
from tests.web.serving import ROOT, app_command, free_port, serve

# Refuses every connection that leaves the machine, as a Space without network would, and tells of it.
NO_NETWORK = """
import socket, sys
connect, resolve = socket.socket.connect, socket.getaddrinfo
def local(host): return isinstance(host, bytes) or str(host) in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "", "None")
def guarded(self, address):
    if isinstance(address, tuple) and not local(address[0]):
        print("OUTSIDE", address, file=sys.stderr)
        raise OSError(101, "Network is unreachable")
    return connect(self, address)
def looked_up(host, *rest, **more):
    if not local(host):
        print("OUTSIDE", host, file=sys.stderr)
        raise socket.gaierror(-3, "Temporary failure in name resolution")
    return resolve(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = guarded, looked_up
"""
# What Spaces install beside the requirements, and Gradio asks for there: the package `spaces`, for hot reload.
SPACES_PACKAGE = {
    "spaces/__init__.py": "def gradio_auto_wrap(function):\n    return function\n",
    "spaces/reloading.py": "def start_reload_server(prerun, postrun, stop_event):\n    stop_event.wait()\n",
    "spaces-0.50.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: spaces\nVersion: 0.50.0\n",
}
DROP_RIGHTS = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search", "--bounding-set=-all,+dac_read_search",
)  # fmt: skip
"""Nobody's rights, but for reading: the interpreter may stand in root's home."""


@pytest.fixture
def no_network(tmp_path: Path) -> Path:
    (tmp_path / "guard").mkdir()
    for name, content in {"sitecustomize.py": NO_NETWORK, **SPACES_PACKAGE}.items():
        (tmp_path / "guard" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "guard" / name).write_text(content, encoding="utf-8")
    return tmp_path / "guard"


def tracked_copy(target: Path) -> Path:
    """What Spaces gets: the files git tracks (or would), none of them writable."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
            (target / name).chmod(0o444)
    for folder in [target, *(p for p in target.rglob("*") if p.is_dir())]:
        folder.chmod(0o555)
    return target


def test_a_space_comes_up_and_predicts(tmp_path: Path, no_network: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "space").mkdir()
    space = tracked_copy(tmp_path / "space")
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(no_network), "LANG": "C",
        "SYSTEM": "spaces", "SPACE_ID": "someone/emoji", "SPACE_HOST": "someone-emoji.hf.space", "SPACE_AUTHOR_NAME": "someone",
        "SPACE_REPO_NAME": "emoji", "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = [*(DROP_RIGHTS if os.geteuid() == 0 else ()), sys.executable, "app.py"]
    with serve(command, port, tmp_path / "log.txt", space, environment) as app:
        client = Client(app.url, verbose=False)
        found = client.predict("i love you so much", "classic", 3, api_name="/predict")
        sample = handle_file(ROOT / "assets" / "samples" / "trip.csv")
        trained, _ = client.predict(sample, "bilstm", "everyday", 3, 15, api_name="/train")
        client.close()
        memory_maps = Path(f"/proc/{app.pid}/maps")
        if memory_maps.exists():
            assert "tensorflow" not in memory_maps.read_text()
        printed = app.printed()
    assert found["label"] == "❤️"
    assert trained["state"] == "done"
    assert "Traceback" not in printed
    assert "OUTSIDE" not in printed
    assert "not found" not in printed
    assert "i love you" not in printed
    assert not [p for p in space.rglob("*") if "__pycache__" in p.parts]


def test_a_link_that_cannot_be_had_is_one_line_and_the_app_serves(tmp_path: Path, no_network: Path) -> None:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(no_network), "PYTHONUNBUFFERED": "1", "HF_HOME": str(tmp_path)}
    with serve(app_command(port, "--share"), port, tmp_path / "log.txt", env=environment) as app:
        client = Client(app.url, verbose=False)
        assert client.predict("i love you", api_name="/predict")["label"]
        client.close()
        printed = app.printed()
    assert "Traceback" not in printed
    lines = [line for line in printed.splitlines() if "public link" in line.lower() or "share" in line.lower()]
    assert len(lines) == 1, printed
    assert app.url in printed


def test_a_model_of_ones_own_is_the_first(tmp_path: Path, model_folder: Path) -> None:
    port = free_port()
    with serve(app_command(port, "--model", str(model_folder)), port, tmp_path / "log.txt") as app:
        client = Client(app.url, verbose=False)
        found = client.predict("i love you", api_name="/predict")
        client.close()
    assert found["label"] in ("❤️", "🍕", "😢")
    assert len(found["confidences"]) == 3


@pytest.mark.parametrize(
    "arguments", [["--model", "nosuch"], ["--model", "{tmp}"], ["--port", "{taken}"], ["--port", "99999"]]
)
def test_what_cannot_be_served_is_one_line_and_status_2(tmp_path: Path, arguments: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        filled = [a.format(tmp=tmp_path, taken=taken.getsockname()[1]) for a in arguments]
        done = subprocess.run(
            [sys.executable, "app.py", *filled], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("app.py: ")


def test_a_broken_word_table_is_one_line_and_status_2(write_csv: WriteCsv) -> None:
    path = write_csv("love 1 2 3\n", "broken.txt")
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=os.environ | {"EMOJI_MODEL_GLOVE": str(path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "broken.txt, line 1" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_predict_and_train_alone_are_public_and_described(tmp_path: Path) -> None:
    port = free_port()
    with serve(app_command(port), port, tmp_path / "log.txt") as app:
        client = Client(app.url, verbose=False)
        described = client.view_api(return_format="dict", print_info=False)
        client.close()
    parameters = {
        name: [p["parameter_name"] for p in endpoint["parameters"]]
        for name, endpoint in described["named_endpoints"].items()
    }
    assert parameters == {  # the live event and the tab's own are private
        "/predict": ["sentence", "model", "top_k"],
        "/train": ["file", "network", "beginning", "passes", "share"],
    }
    assert not described["unnamed_endpoints"]
    json.dumps(described)


def test_a_space_with_sign_in_asks_for_no_token(tmp_path: Path, no_network: Path) -> None:
    port = free_port()
    environment = {
        **os.environ, "PYTHONPATH": str(no_network), "PYTHONUNBUFFERED": "1", "SYSTEM": "spaces", "SPACE_ID": "someone/emoji",
        "SPACE_HOST": "someone-emoji.hf.space", "OAUTH_CLIENT_ID": "id", "OAUTH_CLIENT_SECRET": "secret",
        "OAUTH_SCOPES": "openid profile manage-repos", "OPENID_PROVIDER_URL": "https://huggingface.co",
    }  # fmt: skip
    with serve(app_command(port), port, tmp_path / "log.txt", env=environment) as app:
        with urlopen(f"{app.url}/config", timeout=20) as reply:
            page = reply.read().decode()
        printed = app.printed()
    assert "Sign in with Hugging Face" in page
    assert "retrain-publish" in page
    assert "retrain-token" not in page
    assert "Traceback" not in printed
