"""Manifests are read as Kubernetes reads them, and everything else is one clear message."""

from __future__ import annotations

import io
import json
import re

import pytest
import yaml

from ops.convert import documents
from ops.convert.conversion import convert
from ops.convert.documents import read
from ops.errors import UserError
from tests.unit.ops.convert.manifests import DEPLOYMENT, SERVICE, Object

LAUGHS = "apiVersion: v1\nkind: X\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join(['*' + chr(97 + step)] * 9)}]\n" for step in range(9)
)


def _read(text: str | bytes) -> list[Object]:
    return read(io.BytesIO(text.encode() if isinstance(text, str) else text), "web.yaml")


def test_documents_lists_and_json_are_the_same() -> None:
    objects = [DEPLOYMENT, SERVICE]
    assert _read(yaml.safe_dump_all(objects)) == objects
    assert _read("---\n" + yaml.safe_dump_all(objects) + "\n---\n---\n# nothing\n") == objects
    assert _read(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})) == objects
    assert _read(b"\xef\xbb\xbf" + yaml.safe_dump_all(objects).encode()) == objects


def test_items_of_a_typed_list_have_its_kind() -> None:
    bare = {key: value for key, value in DEPLOYMENT.items() if key not in ("apiVersion", "kind")}
    listed = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [bare]}
    assert _read(yaml.safe_dump(listed)) == [DEPLOYMENT]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-05-01", "2024-05-01"),
        ("10:30", "10:30"),
        ("=", "="),
        ("0644", 420),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("1e3", "1e3"),
        ("'8080'", "8080"),
    ],
)
def test_scalars_are_those_of_kubernetes(text: str, value: object) -> None:
    (one,) = _read(f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: {text}\n")
    assert one["data"]["a"] == value


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"\xff\xfe", "manifest-unreadable", "UTF-8"),
        ("a: [", "manifest-not-yaml", "line 2"),
        ("a: b\n c: d", "manifest-not-yaml", "line 2"),
        ("a: \x01", "manifest-not-yaml", "control characters"),
        ("a: " + "9" * 6000, "manifest-not-yaml", "numbers"),
        ("a: !!python/object:os.system x", "manifest-not-yaml", "tag"),
        ("a: " + "[" * 100_000, "manifest-too-large", "levels"),
        ("- " * 5000, "manifest-too-large", "levels"),
        ("\n".join(" " * step + "a:" for step in range(3000)), "manifest-too-large", "levels"),
        ("apiVersion: v1\nkind: X\na: &a [*a]", "manifest-too-large", "levels"),
        (LAUGHS, "manifest-too-large", "values"),
        ("name: {{ .Values.name }}", "manifest-templated", "line 1"),
        ("{{- if .Values.enabled }}\na: b\n{{- end }}", "manifest-templated", "line 1"),
        ("- a\n- b", "not-a-manifest", "document 1"),
        ("text", "not-a-manifest", "document 1"),
        ("replicaCount: 1\nimage: {}", "not-a-manifest", "replicaCount, image"),
        ("kind: 5\napiVersion: v1", "not-a-manifest", "kind"),
        ("apiVersion: v1\nkind: List\nitems: [a]", "not-a-manifest", "item"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: '${NAME}'}", "manifest-templated", "metadata.name"),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: "
            "[{image: 'web:{{TAG}}'}]}}}",
            "manifest-templated",
            "spec.template.spec.containers[0].image",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_input_is_one_message(text: str | bytes, kind: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        _read(text)
    message = str(caught.value)
    assert message.startswith("web.yaml: ")
    assert message.endswith(f" [{kind}]")
    assert words in message
    assert "\n" not in message
    assert len(message) < 400


def test_a_program_may_use_the_signs_of_templates() -> None:
    command = "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{args: ['${HOME}']}]}}}"
    assert len(_read(command)) == 1
    assert len(_read("apiVersion: v1\nkind: ConfigMap\ndata: {a: '{{ .Alert }}'}")) == 1


def test_large_input_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 2**20)
    stream = io.BytesIO(b"#" * 2**21)
    with pytest.raises(UserError, match="manifest-too-large"):
        read(stream, "web.yaml")
    assert stream.tell() == 2**20 + 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"])
def test_a_manifest_without_a_deployment_is_rejected(text: str) -> None:
    with pytest.raises(UserError, match=re.escape("has no Deployment (apps/v1)")) as caught:
        convert(_read(text), "web.yaml")
    assert str(caught.value).endswith("[no-workload]")
