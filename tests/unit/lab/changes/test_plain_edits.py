"""Edits of the program written by hand: each changes exactly the fields that it is meant to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from lab.changes import plain
from lab.overrides import Replacement
from tests.support.fake_engine import Monitor
from tests.unit.lab.test_overrides import differences

SOURCE = (Path(plain.__file__).parent / "baseline" / "__main__.py").read_text()
(QUICK,) = plain.QUICK.edits
EDITS = {name: value for name, value in vars(plain).items() if isinstance(value, Replacement)}
POD = "Deployment spec.template.spec"
ROLLING = {"Deployment spec.strategy.rollingUpdate.maxSurge", "Deployment spec.strategy.rollingUpdate.maxUnavailable"}
EXPECTED: dict[str, set[str]] = {
    "QUICK": {"Deployment spec.minReadySeconds"},
    "RECREATE": {"Deployment spec.strategy.type", *ROLLING},
    "ALL_AWAY": ROLLING,
    "ONE_AWAY": ROLLING,
    "IMAGE": {f"{POD}.containers.0.image"},
    "BY_NAME": {"Service spec.ports.0.targetPort"},
    "NOBODY": {"Service spec.ports.0.targetPort"},
    "PORT_NAME": {"Service spec.ports.0.name"},
    "TLS": {
        "Service spec.ports.0.name",
        "Service spec.ports.0.port",
        "Service spec.ports.1.name",
        "Service spec.ports.1.port",
        "Service spec.ports.1.targetPort",
    },
    "INSIDE": {"Service spec.type", "Service spec.externalTrafficPolicy"},
    "NARROWER": {"Service spec.selector.tier"},
    "TIER": {"Deployment spec.template.metadata.labels.tier"},
    "EVERYBODY": {"NetworkPolicy spec.ingress.0.ports.1.port"},
    "QUOTA": {"ResourceQuota spec.hard.pods"},
    "COUNTED": {"PodDisruptionBudget spec.maxUnavailable"},
    "SLOWER": {f"{POD}.containers.0.readinessProbe.failureThreshold"},
    "SOONER": {f"{POD}.tolerations.0.tolerationSeconds", f"{POD}.tolerations.1.tolerationSeconds"},
    "LABEL": {"Deployment metadata.annotations.owner"},
    "OTHER": {"Deployment spec.selector.matchLabels.tier"},
    "UTILIZATION": {"HorizontalPodAutoscaler spec.metrics.0.containerResource.target.averageUtilization"},
    "SCALER": {"HorizontalPodAutoscaler autoscaler"},
    "ACCOUNT": {"ServiceAccount account"},
    "FEWER": {"Deployment spec.replicas"},
    "OWNED": {"Deployment ignoreChanges.0"},
}


def registered(source: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the inputs and options of every resource that a program registers."""
    monkeypatch.setenv("BENCH_KUBECONFIG", "kubeconfig")
    monitor = Monitor()
    monitor.run(lambda: exec(compile(source, "__main__.py", "exec"), {"__name__": "__main__"}))  # noqa: S102
    return {
        f"{request.type.rpartition(':')[2]} {request.name}": {
            **json_format.MessageToDict(request.object),
            "ignoreChanges": list(request.ignoreChanges),
        }
        for request in monitor.requests
    }


def change(edit: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the program registers before and after an edit."""
    return registered(SOURCE, monkeypatch), registered(edit.applied(SOURCE), monkeypatch)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_edit_changes_exactly_what_it_is_meant_to(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = QUICK if name == "QUICK" else EDITS[name]
    assert differences(*change(edit, monkeypatch)) == EXPECTED[name]


def test_the_sidecar_is_one_more_container(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = change(EDITS["SIDECAR"], monkeypatch)
    [own] = before["Deployment deployment"]["spec"]["template"]["spec"]["containers"]
    sidecar, still_own = after["Deployment deployment"]["spec"]["template"]["spec"].pop("containers")
    assert (sidecar["name"], still_own) == ("sidecar", own)
    assert {path for path in differences(before, after) if ".containers." not in path} == set()


def test_every_edit_has_an_expectation() -> None:
    assert {*EDITS, "QUICK"} == {*EXPECTED, "SIDECAR"}
