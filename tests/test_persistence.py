import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from emoji_model import EmojiPredictor, hub
from emoji_model.errors import InputError
from emoji_model.glove import WordVectors
from emoji_model.ngrams import Ngrams
from emoji_model.persistence import READ, Model, default_model, load_model, save_model, shipped_models


def test_shipped_models_load() -> None:
    assert "classic" in shipped_models()
    assert default_model() in shipped_models()
    for name in shipped_models():
        model = load_model(name)
        assert model.name == name
        assert len(model.labels) == model.network.architecture.classes


def test_a_folder_goes_round(model: Model, tmp_path: Path) -> None:
    folder = save_model(model, tmp_path / "a" / "b")
    again = load_model(folder)
    assert again.labels == model.labels
    assert again.network.architecture == model.network.architecture
    for name, array in model.network.weights.items():
        np.testing.assert_array_equal(again.network.weights[name], array)
    assert oct((folder / "model.safetensors").stat().st_mode)[-3:] == "644"


def edit_config(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    change(config)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


DAMAGE: list[tuple[str, Callable[[Path], None], str]] = [
    ("no config", lambda f: (f / "config.json").unlink(), "config.json is missing"),
    ("no weights", lambda f: (f / "model.safetensors").unlink(), "model.safetensors is missing"),
    ("config no JSON", lambda f: _write(f / "config.json", b"{"), "not valid JSON"),
    ("config no text", lambda f: _write(f / "config.json", b"\xff\xfe\x00"), "not valid JSON"),
    ("config deep", lambda f: _write(f / "config.json", b"[" * 200_000), "not valid JSON"),
    ("config a list", lambda f: _write(f / "config.json", b"[]"), "must be an object"),
    ("config large", lambda f: _write(f / "config.json", b" " * 4_000_001), "over the limit"),
    ("weights cut", lambda f: _write(f / "model.safetensors", (f / "model.safetensors").read_bytes()[:-9]), "damaged"),
    ("weights empty", lambda f: _write(f / "model.safetensors", b""), "damaged"),
    ("weights pickled", lambda f: _write(f / "model.safetensors", pickle.dumps({"a": 1})), "model.safetensors"),
    ("header lies", lambda f: _write(f / "model.safetensors", b"\xff" * 64), "model.safetensors"),
    ("integers", lambda f: save_file({"a": np.zeros(3, np.int64)}, f / "model.safetensors"), "floats only"),
    ("header deep", lambda f: _write(f / "model.safetensors", (200_000).to_bytes(8, "little") + b"[" * 200_000), "damaged"),
    ("number long", lambda f: _write(f / "config.json", b'{"format":' + b"1" * 5_000 + b"}"), "not valid JSON"),
    ("label half a character", lambda f: edit_config(f, lambda c: c["labels"][0].update(emoji="\ud83d")), "both of them text"),
    ("labels few", lambda f: edit_config(f, lambda c: c["labels"].pop()), "must be 3 labels"),
    ("labels twice", lambda f: edit_config(f, lambda c: c["labels"].__setitem__(0, c["labels"][1])), "the same"),
    ("label no object", lambda f: edit_config(f, lambda c: c["labels"].__setitem__(0, 3)), "Every label"),
    ("slope 0", lambda f: edit_config(f, lambda c: c["calibration"].update(slope=0)), "slope"),
    ("offset text", lambda f: edit_config(f, lambda c: c["calibration"].update(offset="1")), "offset"),
    ("threshold 2", lambda f: edit_config(f, lambda c: c["calibration"].update(threshold=2)), "threshold"),
    ("no calibration", lambda f: edit_config(f, lambda c: c.pop("calibration")), "slope"),
    ("format new", lambda f: edit_config(f, lambda c: c.update(format=99)), "format"),
    ("units huge", lambda f: edit_config(f, lambda c: c["architecture"]["layers"][0].update(units=10**12)), "units"),
    ("units other", lambda f: edit_config(f, lambda c: c["architecture"]["layers"][0].update(units=9)), "shape"),
]  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


@pytest.mark.parametrize(("damage", "says"), [d[1:] for d in DAMAGE], ids=[d[0] for d in DAMAGE])
def test_a_damaged_folder_is_refused_in_one_line(model_folder: Path, damage: Callable[[Path], None], says: str) -> None:
    damage(model_folder)
    with pytest.raises(InputError, match=says) as caught:
        load_model(model_folder)
    assert str(model_folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_finite_are_refused(model_folder: Path) -> None:
    path = model_folder / "model.safetensors"
    arrays = load_file(path)
    arrays["dense.bias"][0] = np.inf
    save_file(arrays, path)
    with pytest.raises(InputError, match="not finite"):
        load_model(model_folder)


@pytest.mark.parametrize("name", ["nosuch", "../classic", "", "/", "a/b/c", "~"])
def test_an_unknown_model_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        load_model(name)


def test_a_folder_that_cannot_be_written_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        save_model(model, tmp_path / "file")


def test_the_hub_gives_only_the_two_files(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def snapshot_download(repo_id: str, **options: Any) -> str:
        asked.update(options, repo=repo_id)
        return str(model_folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert load_model("someone/small").labels
    assert asked["repo"] == "someone/small"
    assert set(asked["allow_patterns"]) == {"config.json", "model.safetensors"}


def test_what_is_too_large_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    class File:
        rfilename, size = "model.safetensors", 10**12

    class Info:
        sha, siblings = "0" * 40, (File(),)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: Info())
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("fetched"))
    with pytest.raises(InputError, match="over the limit"):
        load_model("someone/huge")


def test_for_a_visitor_the_revision_that_was_checked_is_fetched_and_without_the_hosts_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class File:
        rfilename, size = "config.json", 100

    class Info:
        sha, siblings = "1" * 40, (File(),)

    asked: dict[str, Any] = {}
    monkeypatch.setattr(
        "huggingface_hub.HfApi.model_info", lambda api, *_, **__: asked.update(token=api.token) or Info()
    )
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **given: asked.update(given) or str(tmp_path))
    assert hub.download("someone/small", READ, tmp_path) == tmp_path
    assert asked["revision"] == "1" * 40
    assert asked["token"] is False
    assert asked["local_dir"] == tmp_path


def test_for_a_visitor_nothing_is_fetched_whose_size_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", broken)
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("fetched"))
    with pytest.raises(InputError, match="cannot be asked"):
        hub.download("someone/small", READ, tmp_path)


@pytest.mark.parametrize("name", ["x" * 300, "foo/bar--baz", "a..b/c", "a/b\n", "../../etc", ""])
def test_names_that_can_be_no_model_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError):
        load_model(name)


def test_without_the_hub_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> str:
        raise ConnectionError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", fails)
    with pytest.raises(InputError, match="someone/small"):
        load_model("someone/small")


def test_a_linear_part_is_kept_and_checked(model: Model, tmp_path: Path, vectors: WordVectors) -> None:
    kernel = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float16)
    with_part = replace(model, ngrams=Ngrams(kernel))
    folder = save_model(with_part, tmp_path / "linear")
    loaded = load_model(folder)
    assert loaded.ngrams
    np.testing.assert_array_equal(loaded.ngrams.kernel, kernel)
    ours, plain = EmojiPredictor(loaded, vectors), EmojiPredictor(model, vectors)
    both = ["i love pizza", "sad"]
    np.testing.assert_allclose(
        ours.logits(both) - plain.logits(both), [loaded.ngrams.logits(text) for text in both], atol=1e-5
    )
    np.testing.assert_allclose(ours.probabilities(both)[:1], ours.probabilities(both[:1]), atol=1e-5)
    save_model(replace(model, ngrams=Ngrams(np.ones((64, 2), np.float16))), tmp_path / "narrow")
    with pytest.raises(InputError, match=r"must have 3 columns\. Received: 2"):
        load_model(tmp_path / "narrow")
