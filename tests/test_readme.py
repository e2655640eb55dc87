"""The README's front matter is what Spaces read, and its commands are those that hold."""

import re

import pytest

from tests.web.serving import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FRONT = dict(re.findall(r"^(\w+): *(.*)$", TEXT.split("---")[1], re.MULTILINE))


def test_the_front_matter_is_complete() -> None:
    assert FRONT["sdk"] == "gradio"
    assert FRONT["app_file"] == "app.py"
    assert FRONT["python_version"].strip('"') == "3.11"
    assert FRONT["license"] == "mit"
    for name in ("title", "emoji", "colorFrom", "colorTo", "short_description", "tags", "thumbnail"):
        assert name in FRONT
    assert 0 < len(FRONT["short_description"]) <= 60
    assert (ROOT / FRONT["thumbnail"]).is_file()


def test_the_sdk_version_is_the_pin() -> None:
    pins = dict(
        re.findall(
            r"^([\w-]+)(?:\[\w+\])?==([\w.]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert FRONT["sdk_version"] == pins["gradio"]


def test_every_requirement_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.match(r"^[\w-]+(\[\w+\])?==[\w.]+( ;.*)?$", line), line


@pytest.mark.parametrize(
    "command", ["pip install -r requirements.txt && python app.py", "pip install -r requirements-dev.txt && pytest"]
)
def test_the_two_commands_stand_there(command: str) -> None:
    assert command in TEXT


def test_files_and_modules_that_it_names_exist() -> None:
    for path in re.findall(r"\]\((?!http)([\w/.\-]+)\)", TEXT):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"python -m ((?:tests|emoji_model)[\w.]*)", TEXT):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
