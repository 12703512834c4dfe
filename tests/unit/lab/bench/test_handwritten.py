"""What `make bench` compares with makes the same objects as ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.bench.programs import settings
from ops.render.evaluate import evaluate

PROJECT = Path(__file__).parent.parent.parent.parent.parent
HANDWRITTEN = PROJECT / "bench" / "handwritten"


def _settings(folder: Path, **backend: Any) -> Path:
    """A folder with the program and a stack of the bench's own settings."""
    (folder / "__main__.py").write_text((PROJECT / "__main__.py").read_text())
    config = settings(Path("nowhere"), "none", "handwritten", **backend)
    (folder / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def _by_kind(manifests: list[dict[str, Any]]) -> dict[str, str]:
    """Each object as text, without the names that the engine chooses, under kind and place."""
    auto = {each["metadata"]["name"]: each["kind"] for each in manifests if each["kind"] in ("ConfigMap", "Secret")}
    found = {}
    for each in manifests:
        text = json.dumps({key: value for key, value in each.items() if key != "stringData"}, sort_keys=True)
        for name, kind in auto.items():
            text = text.replace(name, kind)
        name = auto.get(each["metadata"]["name"], each["metadata"]["name"])
        found[f"{each['kind']} {name}"] = text
    return found


def _handwritten(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int = 1) -> list[dict[str, Any]]:
    monkeypatch.setenv("BENCH_KUBECONFIG", "nowhere")
    monkeypatch.setenv("BENCH_COUNT", str(count))
    (folder / "Pulumi.bench.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text((HANDWRITTEN / "__main__.py").read_text())
    return evaluate(folder, "bench").manifests


def test_the_objects_are_those_that_ours_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours = _by_kind(evaluate(_settings(tmp_path / "ours"), "bench").manifests)
    theirs = _by_kind(_handwritten(tmp_path / "theirs", monkeypatch))
    assert theirs == ours
    assert len(ours) == 12


def test_a_component_around_them_changes_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _by_kind(_handwritten(tmp_path, monkeypatch, 2))
    monkeypatch.setenv("BENCH_KIND", "component")
    assert _by_kind(_handwritten(tmp_path, monkeypatch, 2)) == plain


def test_of_several_each_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _handwritten(tmp_path, monkeypatch, 3)
    assert len(made) == 36
    assert {each["metadata"]["name"] for each in made if each["kind"] == "Deployment"} == {
        "handwritten",
        "handwritten-1",
        "handwritten-2",
    }
    places = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in made]
    assert len(set(places)) == 36
