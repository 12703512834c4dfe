"""An upgrade replaces nothing and takes nothing away: names, types, selectors and defaults are what they were."""

from __future__ import annotations

import ast
import base64
import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tools.contract.compare import breaches, unrecorded
from tools.contract.record import COMMAND, RECORD, contract

RECORDED: dict[str, Any] = json.loads(RECORD.read_text())
LIBRARY = RECORD.parent.parent.parent / "components"


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return contract()


def test_the_contract_holds(now: dict[str, Any]) -> None:
    found = breaches(RECORDED, now)
    assert not found, "\n".join(
        [
            "This breaks somebody's next upgrade:",
            *found,
            "Take it back, or give the resource an alias (docs/reference/stability.md).",
            f"If it is intended, and a new major version says so: {COMMAND}",
        ]
    )


def test_what_is_new_is_recorded(now: dict[str, Any]) -> None:
    found = unrecorded(RECORDED, now)
    assert not found, "\n".join(found)


def test_every_type_of_resource_in_the_library_is_recorded(now: dict[str, Any]) -> None:
    recorded = " ".join(child for children in now["children"].values() for child in children)
    constructed = {kind for file in LIBRARY.rglob("*.py") for kind in _constructed(ast.parse(file.read_text()))}
    assert len(constructed) > 20, "the search itself must find the constructors"
    missing = sorted(kind for kind in constructed if not re.search(rf":{kind} ", recorded))
    assert not missing, f"no program in tools/contract/programs.py registers {missing}"


def _constructed(tree: ast.Module) -> Iterator[str]:
    """Yield the kinds that a module constructs: by class, by type token, or as a custom resource."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            path = ast.unparse(node.func)
            if re.fullmatch(r"kubernetes\.\w+\.v\w+\.[A-Z]\w+", path) and not path.endswith("Args"):
                yield node.func.attr
            elif path.endswith("random.RandomPassword"):
                yield "RandomPassword"
        elif isinstance(node, ast.keyword) and node.arg == "kind" and isinstance(node.value, ast.Constant):
            if node.value.value not in ("Deployment", "existing", "local"):  # scaleTargetRef; kinds of cluster
                yield str(node.value.value)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"ha-backend:index:\w+", str(node.value)):
            yield str(node.value).rpartition(":")[2]
        elif isinstance(node, ast.Constant) and node.value in (
            *("PodMonitor", "PrometheusRule", "DestinationRule", "VirtualService", "ClusterClass"),
            *("AWSManagedControlPlaneTemplate", "GCPManagedMachinePoolTemplate", "DevMachineTemplate"),
        ):
            yield str(node.value)


def test_every_default_of_the_settings_is_recorded() -> None:
    """A default that nobody recorded could change unnoticed: the three that were missing stand for all."""
    for key in ("backend.health.initSeconds", "backend.loadBalancer.enabled", "backend.monitoring.intervalSeconds"):
        assert key in RECORDED["defaults"]
    assert "cluster(cluster-api).readyMinutes" in RECORDED["defaults"]


def test_the_stored_provider_names_its_module() -> None:
    """A stack's state holds this reference; `pulumi destroy` imports it."""
    (stored,) = RECORDED["state"].values()
    pickled = base64.b64decode(stored)
    assert b"components.embedded_cluster" in pickled and b"EmbeddedClusterProvider" in pickled


def renamed(now: dict[str, Any]) -> None:
    children = now["children"]["backend: the image alone"]
    key = next(key for key in children if key.startswith("kubernetes:core/v1:Service "))
    children[key.replace("web-service", "web-svc")] = children.pop(key)


def reparented(now: dict[str, Any]) -> None:
    children = now["children"]["cluster: existing"]
    key = next(key for key in children if key.startswith("pulumi:providers"))
    children[key.replace(" in cluster", " in the program")] = children.pop(key)


def reselected(now: dict[str, Any]) -> None:
    children = now["children"]["backend: the image alone"]
    next(value for key, value in children.items() if "Deployment" in key)["selector"]["matchLabels"]["tier"] = "web"


def other_default(now: dict[str, Any]) -> None:
    now["defaults"]["backend.autoscaling.cpuPercent"] = 70


def without_a_setting(now: dict[str, Any]) -> None:
    del now["package"]["ha-backend:index:HighlyAvailableBackend inputProperties port"]


def more_required(now: dict[str, Any]) -> None:
    now["package"]["ha-backend:index:HighlyAvailableBackend requires"].append("port")


def other_type(now: dict[str, Any]) -> None:
    now["package"]["ha-backend:index:Amounts cpu"] = {"type": "number", "plain": True}


def without_an_export(now: dict[str, Any]) -> None:
    del now["exports"]["SharedNamespace"]


def other_module(now: dict[str, Any]) -> None:
    (key,) = now["state"]
    now["state"][key] = base64.b64encode(b"components.clusters.embedded").decode()


@pytest.mark.parametrize(
    ("breaking", "words"),
    [
        (renamed, ["web-service in web is gone: an upgrade deletes it", "web-svc in web is new"]),
        (reparented, ["cluster-provider in cluster is gone", "cluster-provider in the program is new"]),
        (reselected, ["web-deployment in web was", "an upgrade replaces it"]),
        (other_default, ["backend.autoscaling.cpuPercent was 60 and is 70: an upgrade changes what runs"]),
        (without_a_setting, ["HighlyAvailableBackend inputProperties port is gone"]),
        (more_required, ['HighlyAvailableBackend requires was ["image"] and is ["image", "port"]']),
        (other_type, ["Amounts cpu was", "do not compile"]),
        (without_an_export, ["SharedNamespace is gone: Python programs"]),
        (other_module, ["EmbeddedCluster was", "`pulumi destroy` of a stack that exists cannot load it"]),
    ],
)
def test_a_breach_is_reported(breaking: Callable[[dict[str, Any]], None], words: list[str]) -> None:
    now = copy.deepcopy(RECORDED)
    breaking(now)
    text = "\n".join(breaches(RECORDED, now))
    for word in words:
        assert word in text


def test_what_is_new_breaks_nothing_and_must_be_recorded() -> None:
    now = copy.deepcopy(RECORDED)
    now["defaults"]["backend.service.enabled"] = False
    now["package"]["ha-backend:index:HighlyAvailableBackend inputProperties service"] = {"type": "object"}
    now["children"]["backend: with a second service"] = {"kubernetes:core/v1:Service web-second in web": {}}
    now["exports"]["Service"] = "exported by the library"
    assert not breaches(RECORDED, now)
    text = "\n".join(unrecorded(RECORDED, now))
    for key in ("backend.service.enabled", "inputProperties service", "with a second service", "exports: Service"):
        assert f"{key} is not recorded yet: run {COMMAND}" in text
