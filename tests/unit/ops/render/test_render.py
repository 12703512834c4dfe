"""Check renderings: deterministic, without secret values, and without annotations for the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.runtime.stack_file import StackFileError, config
from ops.render.__main__ import as_yaml
from ops.render.evaluate import evaluate
from ops.render.recorder import Recorder

PROJECT = Path(__file__).parent.parent.parent.parent.parent


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_two_renderings_are_the_same_text(stack: str) -> None:
    assert as_yaml(evaluate(PROJECT, stack)) == as_yaml(evaluate(PROJECT, stack))


def test_nothing_of_a_run_is_left_in_this_process() -> None:
    seen: list[str] = []
    before = pulumi.runtime.settings.get_stack(), pulumi.runtime.get_root_resource()
    Recorder("passing").run(lambda: seen.append(pulumi.get_stack()))
    assert seen == ["passing"]
    assert (pulumi.runtime.settings.get_stack(), pulumi.runtime.get_root_resource()) == before


def test_objects_come_in_apply_order_and_complete() -> None:
    kinds = [m["kind"] for m in evaluate(PROJECT, "dev").manifests]
    assert kinds == [
        "Namespace",
        "LimitRange",
        "ResourceQuota",
        "NetworkPolicy",
        "NetworkPolicy",
        "ServiceAccount",
        "ConfigMap",
        "Secret",
        "Service",
        "Deployment",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
    ]


def test_limits_and_policies_come_before_the_pods() -> None:
    names = [(m["kind"], m["metadata"]["name"]) for m in evaluate(PROJECT, "prod").manifests]
    pods = names.index(("Deployment", "backend-service"))
    for guard in (
        ("LimitRange", "backend-service"),
        ("ResourceQuota", "backend-service"),
        ("NetworkPolicy", "backend-service-default-deny"),
        ("NetworkPolicy", "backend-service"),
    ):
        assert names.index(guard) < pods


def test_a_secret_is_named_and_never_rendered() -> None:
    text = as_yaml(evaluate(PROJECT, "prod"))
    documents = [d for d in yaml.safe_load_all(text) if d]
    assert "Secret" not in [d["kind"] for d in documents]
    deployment = next(d for d in documents if d["kind"] == "Deployment")
    name = deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"][1]["secretRef"]["name"]
    assert f"# Secret {name} in namespace backend-service" in text
    assert "generated:" not in text


def test_annotations_for_the_engine_are_omitted() -> None:
    assert "pulumi.com/" not in as_yaml(evaluate(PROJECT, "dev"))


def test_integers_stay_integers() -> None:
    deployment = next(m for m in evaluate(PROJECT, "prod").manifests if m["kind"] == "Deployment")
    assert json.dumps(deployment["spec"]["replicas"]) == "6"


def test_a_changed_value_is_a_new_configuration_object_that_the_pods_refer_to(tmp_path: Path) -> None:
    names = set()
    for message in ("one", "two"):
        project = _copy(tmp_path / message, {"environment": {"M": message}})
        manifests = {m["kind"]: m for m in evaluate(project, "s").manifests}
        reference = manifests["Deployment"]["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"][
            "name"
        ]
        assert reference == manifests["ConfigMap"]["metadata"]["name"]
        names.add(reference)
    assert len(names) == 2


def test_raising_the_rotation_is_a_new_secret(tmp_path: Path) -> None:
    names = set()
    for rotation in (1, 2):
        project = _copy(tmp_path / str(rotation), {"generatedSecrets": {"names": ["KEY"], "rotation": rotation}})
        names.add(next(m["metadata"]["name"] for m in evaluate(project, "s").manifests if m["kind"] == "Secret"))
    assert len(names) == 2


def test_dev_and_prod_differ_only_in_their_stack_files() -> None:
    shapes = [[(m["kind"], sorted(m)) for m in evaluate(PROJECT, stack).manifests] for stack in ("dev", "prod")]
    assert shapes[0] == shapes[1]


def test_a_stack_without_a_file_names_those_that_have_one() -> None:
    with pytest.raises(StackFileError, match=r"create Pulumi.stging.yaml, or use one of dev, prod"):
        evaluate(PROJECT, "stging")


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2\n", "config: 3\n"])
def test_an_unreadable_stack_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(text)
    with pytest.raises(StackFileError, match=r"Pulumi.x.yaml cannot be read as a stack file"):
        config(tmp_path, "x")


def test_encrypted_values_are_recognized(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(
        "config:\n  ha-backend:backend: {environment: {A: {secure: v1:x}}}\n  b: {c: [1]}\n"
    )
    values, secret = config(tmp_path, "x")
    assert secret == ["ha-backend:backend"] and values["ha-backend:b"] == '{"c": [1]}'


def test_the_stack_that_owns_the_cluster_is_not_read(tmp_path: Path) -> None:
    """Only an engine knows the outputs of another stack. The manifests are the same on any cluster."""
    reference = {"kind": "stack-reference", "stack": "organization/platform/dev"}
    remote, local = (
        evaluate(_copy(tmp_path / name, {}, cluster), "s").manifests
        for name, cluster in (("remote", reference), ("local", {"kind": "local"}))
    )
    assert remote == local and remote


def _copy(folder: Path, backend: dict[str, Any], cluster: dict[str, Any] | None = None) -> Path:
    folder.mkdir()
    (folder / "__main__.py").write_text((PROJECT / "__main__.py").read_text())
    stack = {
        "config": {
            "ha-backend:cluster": cluster or {"kind": "local"},
            "ha-backend:backend": {"image": "a:1", **backend},
        }
    }
    (folder / "Pulumi.s.yaml").write_text(yaml.safe_dump(stack))
    return folder
