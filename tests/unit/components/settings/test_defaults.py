"""The defaults are those of the reference workload, and both shipped stacks are valid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.availability import stack_conflicts, timing
from components.runtime import stack_file
from components.settings import (
    BackendSettings,
    ExistingCluster,
    LocalCluster,
    Settings,
    SettingsError,
    consistency,
    load,
)
from tests.support.fake_engine import IMAGE, backend

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def stack(name: str) -> Settings:
    return stack_file.settings(PROJECT, name)


def test_the_reference_workload() -> None:
    given = backend()
    assert (given.name, given.namespace_name) == ("backend-service", "backend-service")
    assert given.replicas == 3
    assert (given.port, given.service_port, given.metrics_port) == (8080, 80, None)
    assert (given.resources.requests.memory, given.resources.requests.cpu) == ("128Mi", "500m")
    assert (given.resources.limits.memory, given.resources.limits.cpu) == ("256Mi", "1000m")
    assert given.autoscaling.enabled
    assert given.autoscaling.max_replicas == given.max_replicas == 10
    assert given.environment == {}
    assert given.generated_secrets.names == []


def test_the_loss_of_a_node_is_survived_by_default() -> None:
    given = backend()
    assert given.survive == "node"
    assert (given.placement.spread, given.placement.toleration_seconds) == ("soft", 30)
    assert given.placement.priority_class_name is None
    assert given.evictable(3) == 1
    assert (given.shutdown.deregistration_seconds, given.shutdown.drain_seconds) == (35, 20)
    assert (given.rollout.min_ready_seconds, given.rollout.progress_deadline_seconds) == (5, 300)


def test_the_defaults_of_the_load_balancer_do_not_conflict() -> None:
    given = backend()
    assert (given.load_balancer.external_traffic_policy, given.load_balancer.health_check_seconds) == ("Local", 30)
    assert timing.grace_period(given) == 35 + 20 + 5
    assert list(consistency.conflicts(given)) == []


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_shipped_stack_sets_its_health_check_seconds(name: str) -> None:
    given = stack(name).backend
    assert given.load_balancer.external_traffic_policy == "Local"
    assert {"health_check_seconds"} <= given.load_balancer.model_fields_set


def test_optional_settings_are_empty_by_default() -> None:
    given = backend()
    assert (given.network.egress, given.network.allow_metrics_from, given.labels) == ([], [], {})
    scaling = given.autoscaling
    assert (scaling.cpu_percent, scaling.memory_percent, scaling.tolerance_percent) == (60, None, None)
    assert (scaling.pod_metrics, scaling.external_metrics) == ([], [])
    assert (scaling.scale_up_stabilization_seconds, scaling.scale_down_stabilization_seconds) == (0, 300)
    assert given.resources.tmp_size_limit == "64Mi"


def test_every_default_is_accepted_as_a_value() -> None:
    written = backend().model_dump(by_alias=True, mode="json")
    assert BackendSettings.model_validate(written) == backend()
    local = LocalCluster(kind="local")
    config = {"ha-backend:cluster": local.model_dump_json(by_alias=True), "ha-backend:backend": json.dumps(written)}
    settings = load({**config, "ha-backend:protect": "false"})
    assert (settings.cluster, settings.backend, settings.protect) == (local, backend(), False)
    existing = ExistingCluster(kind="existing", kubeconfig="a", context="b")
    assert ExistingCluster.model_validate(existing.model_dump(by_alias=True)) == existing


def test_the_defaults_of_a_local_cluster() -> None:
    settings = load({"ha-backend:cluster": '{"kind": "local"}', "ha-backend:backend": json.dumps({"image": IMAGE})})
    assert isinstance(settings.cluster, LocalCluster)
    assert settings.cluster.zones == ["zone-a", "zone-b", "zone-c"]
    assert settings.cluster.nodes_per_zone == 1
    assert settings.cluster.api_port is None
    assert settings.cluster.kubernetes == "1.36"
    assert settings.protect is False


def test_the_development_stack() -> None:
    settings = stack("dev")
    assert isinstance(settings.cluster, LocalCluster)
    assert settings.protect is False
    assert settings.backend.replicas == 3
    assert settings.backend.survive == "zone"
    assert settings.backend.image.rpartition(":")[2] != "latest"


def test_the_production_stack() -> None:
    settings = stack("prod")
    assert isinstance(settings.cluster, ExistingCluster)
    assert settings.protect is True
    assert settings.backend.survive == "zone"
    assert "@sha256:" in settings.backend.image
    assert settings.cluster.identifier
    assert len(settings.cluster.zones) == 3
    assert settings.backend.replicas >= 2 * len(settings.cluster.zones)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_both_stacks_violate_no_rule(name: str) -> None:
    given = stack(name)
    assert stack_conflicts(given.backend, given.cluster, given.protect) == []


def test_a_stack_file_that_violates_a_rule_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(
        f"config:\n  ha-backend:cluster: {{kind: local, zones: [a], nodesPerZone: 3}}\n"
        f"  ha-backend:backend: {{image: {IMAGE}, survive: zone}}\n"
    )
    with pytest.raises(SettingsError, match="set it to node"):
        stack_file.settings(tmp_path, "x")


def test_both_stacks_run_the_same_backend() -> None:
    dev, prod = stack("dev").backend, stack("prod").backend
    assert (dev.image, dev.port, set(dev.environment)) == (prod.image, prod.port, set(prod.environment))
    assert dev.generated_secrets == prod.generated_secrets


@pytest.mark.parametrize(
    ("given", "most"),
    [({}, 10), ({"autoscaling": {"enabled": False}}, 3), ({"autoscaling": {"enabled": False, "maxReplicas": 1}}, 3)],
)
def test_max_replicas(given: dict[str, object], most: int) -> None:
    assert backend(**given).max_replicas == most


def test_settings_are_immutable() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        backend().replicas = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1",
        "library/nginx:1.2-alpine",
        "localhost:5000/a/b:v1_x",
        "ghcr.io/a/b.c/d__e:1",
        f"nginx@sha256:{'a' * 64}",
        f"registry.example.org:443/team/app:1.0@sha256:{'0' * 64}",
    ],
)
def test_images(image: str) -> None:
    assert BackendSettings(image=image).image == image


@pytest.mark.parametrize("image", ["a//b:1", "a/-b:1", "a..b:1", "a/_b:1", "a___b:1", f"nginx:{'x' * 129}"])
def test_images_that_no_container_runtime_accepts(image: str) -> None:
    with pytest.raises(ValidationError, match="image"):
        BackendSettings(image=image)
