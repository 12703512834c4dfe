"""Changes of other kinds, as the engine previews them, and their effects."""

from __future__ import annotations

from typing import Any

import pytest

from ops.review.effect import Effect
from ops.review.preview import SECRET
from tests.support.review_previews import (
    ALERTS,
    BEFORE,
    BUDGET,
    DEPLOYMENT,
    LOWER,
    NEW_STACK,
    NONE,
    OUTAGE,
    POLICY,
    ROUTE,
    SCALER,
    SERVICE,
    UNSET,
    WEAKER,
    assess,
    changed,
    step,
)


@pytest.mark.parametrize(
    ("kind", "path", "value", "effects"),
    [
        (SERVICE, "spec.selector", {"app": "other"}, {OUTAGE}),
        (SERVICE, "spec.type", "ClusterIP", {OUTAGE}),
        (SERVICE, "spec.ports.0.port", 8080, {OUTAGE}),
        (SERVICE, "spec.ports.0.targetPort", 9090, {OUTAGE}),
        (SERVICE, "spec.ports.0.targetPort", "admin", {OUTAGE}),
        (
            SERVICE,
            "spec.ports",
            [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "tls", "port": 443}],
            {NONE},
        ),
        (SERVICE, "spec.externalTrafficPolicy", "Cluster", {WEAKER}),
        (SERVICE, "spec.publishNotReadyAddresses", True, {WEAKER}),
        (SERVICE, "metadata.annotations", {"team": "x"}, {NONE}),
        (SCALER, "spec.minReplicas", 2, {LOWER}),
        (SCALER, "spec.minReplicas", 4, {NONE}),
        (SCALER, "spec.maxReplicas", 5, {LOWER}),
        (SCALER, "spec.metrics.0.resource.target.averageUtilization", 90, {LOWER}),
        (SCALER, "spec.metrics.0.resource.target.averageUtilization", 50, {NONE}),
        (SCALER, "spec.behavior.scaleDown.stabilizationWindowSeconds", 60, {NONE}),
        (BUDGET, "spec.maxUnavailable", 2, {WEAKER}),
        (BUDGET, "spec.maxUnavailable", 0, {WEAKER}),
        (BUDGET, "spec.selector.matchLabels.app", "other", {WEAKER}),
        (POLICY, "spec.egress.1", UNSET, {WEAKER}),
        (
            POLICY,
            "spec.egress",
            [*BEFORE["networking.k8s.io/v1:NetworkPolicy"]["spec"]["egress"], {"ports": [{"port": 5432}]}],
            {NONE},
        ),
        (POLICY, "spec.podSelector", {}, {WEAKER}),
        ("core/v1:ResourceQuota", "spec.hard.pods", "12", {LOWER}),
        ("core/v1:ResourceQuota", "spec.hard.pods", "50", {NONE}),
        ("core/v1:ConfigMap", "data.LEVEL", "debug", {NONE}),
        ("networking.k8s.io/v1:Ingress", "spec.rules.0.host", "b.example", {OUTAGE}),
        ("networking.k8s.io/v1:Ingress", "spec.tls", UNSET, {OUTAGE}),
        ("networking.k8s.io/v1:Ingress", "spec.tls.0.secretName", "other", {NONE}),
        ("networking.k8s.io/v1:Ingress", "metadata.annotations", {"a": "b"}, {NONE}),
        (ROUTE, "spec.hostnames.0", "b.example", {OUTAGE}),
        (ROUTE, "spec.rules.0.backendRefs.0.port", 81, {OUTAGE}),
        (ROUTE, "spec.rules.0.timeouts.request", "10s", {WEAKER}),
        (ROUTE, "spec.rules.0.timeouts.request", "500ms", {WEAKER}),
        (ROUTE, "spec.rules.0.timeouts.request", "1m", {NONE}),
        (ROUTE, "spec.rules.0.timeouts", UNSET, {NONE}),
        ("core/v1:ServiceAccount", "metadata.labels", {"team": "x"}, {NONE}),
    ],
)
def test_an_update(kind: str, path: str, value: Any, effects: set[Effect]) -> None:
    [assessment] = assess(step(kind, "update", BEFORE[kind], changed(kind, path, value)))
    assert {finding.effect for finding in assessment.findings} == effects
    assert assessment.effect == max(effects)
    assert assessment.known
    if effects != {NONE}:
        worst = max(assessment.findings, key=lambda finding: finding.effect)
        assert worst.fields
        assert worst.why


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        (DEPLOYMENT, OUTAGE),
        (SERVICE, OUTAGE),
        ("core/v1:Namespace", OUTAGE),
        (SCALER, WEAKER),
        (BUDGET, WEAKER),
        (POLICY, WEAKER),
        ("core/v1:ConfigMap", NONE),
        ("core/v1:ResourceQuota", NONE),
        (ROUTE, OUTAGE),
        (ALERTS, WEAKER),
        ("monitoring.coreos.com/v1:PodMonitor", NONE),
        ("networking.k8s.io/v1:Ingress", OUTAGE),
    ],
)
def test_deletion_replacement_and_creation(kind: str, effect: Effect) -> None:
    old = BEFORE[kind]
    new = {**old, "metadata": {"name": "other"}}
    assert assess(step(kind, "delete", old))[0].effect is effect
    assert assess(step(kind, "delete", old, state={"retainOnDelete": True}))[0].effect is NONE
    for ops in (
        ["create-replacement", "replace", "delete-replaced"],
        ["delete-replaced", "replace", "create-replacement"],
    ):
        [assessment] = assess(
            *(
                step(kind, op, old, None if op == "delete-replaced" else new, replaceReasons=["metadata.name"])
                for op in ops
            )
        )
        assert assessment.effect is effect, ops
    assert assess(NEW_STACK, step(kind, "create", None, new))[0].effect is NONE
    assert assess(step(kind, "import", None, new))[0].effect is NONE


def test_a_replaced_provider_replaces_everything_on_its_cluster() -> None:
    provider = "urn:pulumi:prod::shop::pulumi:providers:kubernetes::cluster"
    [assessment] = assess(
        {
            "op": "replace",
            "urn": provider,
            "oldState": {"inputs": {"clusterIdentifier": "a"}},
            "newState": {"inputs": {"clusterIdentifier": "b"}},
            "replaceReasons": ["clusterIdentifier"],
        }
    )
    assert assessment.effect is OUTAGE
    assert [field.path for field in assessment.findings[0].fields] == ["clusterIdentifier"]
    [assessment] = assess(
        {
            "op": "update",
            "urn": provider,
            "oldState": {"inputs": {"kubeconfig": SECRET}},
            "newState": {"inputs": {"kubeconfig": SECRET}},
            "diffReasons": ["kubeconfig"],
        }
    )
    assert assessment.effect is NONE


def test_a_secret_that_changes_is_named_and_not_shown() -> None:
    old = BEFORE["core/v1:Secret"]
    [assessment] = assess(
        step("core/v1:Secret", "update", old, old, detailedDiff={"stringData.KEY": {"kind": "UPDATE"}})
    )
    assert [(field.path, field.after) for field in assessment.findings[0].fields] == [("stringData.KEY", SECRET)]


def test_an_unknown_type_is_reported_as_such() -> None:
    kind = "example.com/v1:Widget"
    [assessment] = assess(step(kind, "update", BEFORE[kind], changed(kind, "spec.size", 2)))
    assert not assessment.known
    assert assessment.effect is NONE


def test_an_unchanged_resource_is_not_listed() -> None:
    assert assess(step(DEPLOYMENT, "same", BEFORE[DEPLOYMENT], BEFORE[DEPLOYMENT])) == []
