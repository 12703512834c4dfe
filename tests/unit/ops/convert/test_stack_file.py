"""A stack file is valid, and every line that only its owner can answer is marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from components.runtime import stack_file as runtime
from ops.convert import paths
from ops.convert.conversion import PROJECT
from ops.convert.stack_file import MARK, stack_file
from tests.unit.ops.convert.manifests import Object, container, converted, pod, service


def test_a_converted_file_is_a_stack_file(tmp_path: Path) -> None:
    conversion = converted()
    assert conversion.text
    file = tmp_path / "Pulumi.web.yaml"
    file.write_text(conversion.text)
    assert runtime.settings(PROJECT, "web", file).backend.image == "registry.example.com/web:1.2.3"


def test_marks_are_above_their_lines() -> None:
    def change(deployment: Object, sibling: Object) -> None:
        deployment["spec"]["replicas"] = 1
        container(deployment)["image"] = "web:latest"
        sibling["spec"]["type"] = "LoadBalancer"
        pod(deployment)["volumes"] = [{"name": "a", "emptyDir": {}}]
        deployment["metadata"].pop("namespace")
        sibling["metadata"].pop("namespace")

    conversion = converted(change=change)
    assert conversion.text
    lines = conversion.text.splitlines()
    marked = []
    for number, line in enumerate(lines):
        if line.strip().startswith(MARK):
            follows = next(each for each in lines[number + 1 :] if not each.strip().startswith("#"))
            marked.append(follows.strip().split(":")[0])
    assert marked == [
        "context",
        "namespace",
        "image",
        "survive",
        "replicas",
        "healthCheckSeconds",
        "egress",
    ]
    for line in lines:
        assert len(line) <= 160 or "# Converted from" in line


@pytest.mark.parametrize("key", ["a.b", "c[1].d", "c[1]", "missing.key", "a", "", "e"])
def test_a_question_about_anything_leaves_valid_yaml(key: str) -> None:
    settings = {"a": {"b": 1}, "c": [{"d": 1}, {"d": "two\nlines\n"}], "e": "x: y # z"}
    text = stack_file(settings, {key: "Set it: now # or later."}, "web\nyaml")
    assert text.count(MARK) == 2
    assert yaml.safe_load(text)["config"]["ha-backend:backend"] == settings


def test_keys_with_dots_are_read_and_changed() -> None:
    values: Object = {"metadata": {"annotations": {"a.b/c": "1"}}, "list": [{"x": 1}]}
    assert paths.get(values, "metadata.annotations.a.b/c") == "1"
    assert paths.get(values, "list[0].x") == 1
    assert paths.get(values, "list[4].x") is None
    assert paths.get(values, "list.x.y") is None
    assert paths.remove(values, "metadata.annotations.a.b/c")
    assert not paths.remove(values, "metadata.annotations.a.b/c")
    paths.put(values, "new.group.key", 2)
    assert values == {"metadata": {"annotations": {}}, "list": [{"x": 1}], "new": {"group": {"key": 2}}}


def test_the_source_is_on_one_line() -> None:
    assert len(service()) == 2
    assert re.search(r"^# Converted from web yaml\. ", stack_file({}, {}, "web\nyaml"), re.MULTILINE)
