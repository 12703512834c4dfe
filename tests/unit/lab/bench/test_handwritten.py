"""The baselines of `make bench` render the same objects as this project."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.bench.programs import settings
from ops.render.evaluate import evaluate
from ops.render.recorder import Recorder

PROJECT = Path(__file__).parent.parent.parent.parent.parent
HANDWRITTEN = PROJECT / "lab" / "bench" / "handwritten"


def _settings(folder: Path, **backend: Any) -> Path:
    """Write the program and a stack with the settings of the benchmarks into a folder."""
    (folder / "__main__.py").write_text((PROJECT / "__main__.py").read_text())
    config = settings(Path("nowhere"), "none", "handwritten", **backend)
    (folder / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def _by_kind(manifests: list[dict[str, Any]]) -> dict[str, str]:
    """Return each object as text by kind, namespace and name, without the names that the engine generates."""
    auto = {each["metadata"]["name"]: each["kind"] for each in manifests if each["kind"] in ("ConfigMap", "Secret")}
    result = {}
    for each in manifests:
        text = json.dumps({key: value for key, value in each.items() if key != "stringData"}, sort_keys=True)
        for name, kind in auto.items():
            text = text.replace(name, kind)
        name = auto.get(each["metadata"]["name"], each["metadata"]["name"])
        result[f"{each['kind']} {each['metadata'].get('namespace')}/{name}"] = text
    return result


def _handwritten(monkeypatch: pytest.MonkeyPatch, count: int = 1) -> list[dict[str, Any]]:
    monkeypatch.setenv("BENCH_KUBECONFIG", "nowhere")
    monkeypatch.setenv("BENCH_COUNT", str(count))
    recorder = Recorder("bench")
    recorder.run(lambda: runpy.run_path(str(HANDWRITTEN / "__main__.py")) and {})
    return recorder.manifests["cluster"]


def test_the_objects_equal_those_of_this_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours").mkdir()
    ours = _by_kind(evaluate(_settings(tmp_path / "ours"), "bench").manifests)
    handwritten = _by_kind(_handwritten(monkeypatch))
    assert handwritten == ours
    assert len(ours) == 12


def test_a_component_around_them_changes_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _by_kind(_handwritten(monkeypatch, 2))
    monkeypatch.setenv("BENCH_KIND", "component")
    assert _by_kind(_handwritten(monkeypatch, 2)) == plain


def test_several_backends_share_no_object(monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = _handwritten(monkeypatch, 3)
    assert len(manifests) == 36
    assert {each["metadata"]["name"] for each in manifests if each["kind"] == "Deployment"} == {
        "handwritten",
        "handwritten-1",
        "handwritten-2",
    }
    places = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in manifests]
    assert len(set(places)) == 36
