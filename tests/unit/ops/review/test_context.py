"""Effects that depend on the other objects of a stack: the running pods, and what they need."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ops.review.effect import Effect
from tests.support.review_previews import (
    BACKEND,
    BEFORE,
    BUDGET,
    DEPLOYMENT,
    LOWER,
    NEW_STACK,
    NONE,
    OUTAGE,
    POD,
    POLICY,
    RESTART,
    SCALER,
    SERVICE,
    UNSET,
    WEAKER,
    assess,
    changed,
    step,
    urn,
)

QUOTA, ACCOUNT, CONFIG = "core/v1:ResourceQuota", "core/v1:ServiceAccount", "core/v1:ConfigMap"
RUNNING = step(DEPLOYMENT, "same", BEFORE[DEPLOYMENT], BEFORE[DEPLOYMENT])
METRIC = {
    "type": "Resource",
    "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
}


def effects(*steps: dict[str, Any]) -> set[Effect]:
    """Return the effects of the last step."""
    [assessment] = [one for one in assess(*steps) if one.step.urn == steps[-1]["urn"]]
    return {finding.effect for finding in assessment.findings}


def update(kind: str, path: str, value: Any, before: dict[str, Any] | None = None) -> dict[str, Any]:
    old = before or BEFORE[kind]
    return step(kind, "update", old, changed(kind, path, value))


def with_policy(egress: Any) -> dict[str, Any]:
    return changed(POLICY, "spec.egress", egress)


@pytest.mark.parametrize(("waits", "said"), [(True, {NONE}), (False, {OUTAGE})])
def test_a_service_led_to_a_new_port_is_no_outage_where_it_waits_for_the_pods_that_have_it(
    waits: bool, said: set[Effect]
) -> None:
    unnamed = changed(DEPLOYMENT, f"{BACKEND}ports", [{"containerPort": 8080}])
    release = step(DEPLOYMENT, "update", unnamed, BEFORE[DEPLOYMENT])
    led = update(SERVICE, "spec.ports.0.targetPort", "http", changed(SERVICE, "spec.ports.0.targetPort", 8080))
    led["newState"]["dependencies"] = [release["urn"]] if waits else []
    assert effects(release, led) == said


@pytest.mark.parametrize(
    ("path", "value", "known", "alone"),
    [
        ("spec.ports.0.targetPort", 8080, {NONE}, {OUTAGE}),  # the number of the port of that name
        ("spec.ports.0.targetPort", 9090, {OUTAGE}, {OUTAGE}),
        ("spec.selector", {"app": "web", "tier": "web"}, {OUTAGE}, {OUTAGE}),
        ("spec.ports.0.name", "web", {NONE}, {NONE}),
        ("spec.ports", [{"name": "tls", "port": 443, "targetPort": "http"}], {OUTAGE}, {OUTAGE}),
    ],
)
def test_a_service_is_judged_by_the_pods_behind_it(
    path: str, value: Any, known: set[Effect], alone: set[Effect]
) -> None:
    assert effects(RUNNING, update(SERVICE, path, value)) == known
    assert effects(update(SERVICE, path, value)) == alone


def test_a_selector_that_pods_satisfy_already_cuts_nobody_off() -> None:
    labelled = changed(DEPLOYMENT, f"{POD.removesuffix('spec.')}metadata.labels.tier", "web")
    there = step(DEPLOYMENT, "same", labelled, labelled)
    only_then = step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], labelled)
    narrower = update(SERVICE, "spec.selector.tier", "web")
    assert effects(there, narrower) == {NONE}
    assert effects(only_then, narrower) == {OUTAGE}


def test_a_service_that_is_reached_from_farther_keeps_its_addresses() -> None:
    inside = changed(SERVICE, "spec.type", "ClusterIP")
    assert effects(step(SERVICE, "update", inside, BEFORE[SERVICE])) == {NONE}
    assert effects(step(SERVICE, "update", BEFORE[SERVICE], inside)) == {OUTAGE}
    fixed = {**BEFORE[SERVICE]["spec"], "ports": [{"port": 80, "targetPort": "http", "nodePort": 30080}]}
    other = {**fixed, "ports": [{**fixed["ports"][0], "nodePort": 30081}]}
    assert effects(step(SERVICE, "update", {"spec": fixed}, {"spec": other})) == {OUTAGE}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([{"ports": [{"port": 1}]}], [{"ports": [{"port": 1}, {"port": 2}]}], NONE),  # one more, in the same rule
        ([{"ports": [{"port": 1}, {"port": 2}]}], [{"ports": [{"port": 2}]}], WEAKER),
        ([{"ports": [{"port": 1}]}], [{}], NONE),
        ([{}], [{"ports": [{"port": 1}]}], WEAKER),
        (
            [{"ports": [{"port": 1}, {"port": 2}]}],
            [{"ports": [{"port": 2}]}, {"ports": [{"port": 1, "protocol": "TCP"}]}],
            NONE,
        ),
    ],
)
def test_what_a_policy_lets_through_counts_and_not_how_it_is_written(before: Any, after: Any, expected: Effect) -> None:
    assert effects(step(POLICY, "update", with_policy(before), with_policy(after))) == {expected}


def test_a_side_that_a_policy_begins_or_ceases_to_restrict() -> None:
    only = {"spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}}
    both = {"spec": {**only["spec"], "policyTypes": ["Ingress", "Egress"]}}
    assert effects(step(POLICY, "update", only, both)) == {WEAKER}
    assert effects(step(POLICY, "update", both, only)) == {WEAKER}


def test_a_new_policy_refuses_what_runs_already() -> None:
    deny = {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}
    new = {**step(POLICY, "create", None, deny), "urn": urn(POLICY, "deny")}
    held = {"spec": {**deny["spec"], "ingress": [{}], "egress": [{}]}}
    assert effects(NEW_STACK, step(DEPLOYMENT, "create", None, BEFORE[DEPLOYMENT]), new) == {NONE}
    assert effects(new) == {WEAKER}, "what runs is not shown"
    assert effects(RUNNING, new) == {WEAKER}
    assert effects(RUNNING, step(POLICY, "same", held, held), new) == {NONE}, "another one holds for the same pods"
    elsewhere = {**deny, "metadata": {"namespace": "elsewhere"}}
    assert effects(RUNNING, {**new, "newState": {"inputs": elsewhere}}) == {NONE}


def test_a_new_quota_bounds_what_runs_already() -> None:
    assert effects(RUNNING, step(QUOTA, "create", None, BEFORE[QUOTA])) == {LOWER}
    assert effects(NEW_STACK, step(QUOTA, "create", None, BEFORE[QUOTA])) == {NONE}
    assert effects(step(QUOTA, "create", None, BEFORE[QUOTA])) == {LOWER}, "what runs is not shown"


@pytest.mark.parametrize(
    ("least", "most", "made", "gone"),
    [
        (3, 10, {NONE}, {WEAKER}),
        (2, 10, {LOWER}, {WEAKER}),
        (4, 10, {NONE}, {WEAKER, LOWER}),
        (1, 2, {LOWER}, {WEAKER}),
    ],
)
def test_an_autoscaler_that_comes_or_goes(least: int, most: int, made: set[Effect], gone: set[Effect]) -> None:
    scaler = copy.deepcopy(BEFORE[SCALER])
    scaler["spec"] |= {
        "minReplicas": least,
        "maxReplicas": most,
        "scaleTargetRef": {"kind": "Deployment", "name": "web"},
    }
    assert effects(RUNNING, step(SCALER, "create", None, scaler)) == made
    assert effects(RUNNING, step(SCALER, "delete", scaler)) == gone


def test_each_metric_is_compared_with_itself() -> None:
    before = changed(SCALER, "spec.metrics", [*BEFORE[SCALER]["spec"]["metrics"], METRIC])
    after = copy.deepcopy(before)
    after["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = 80
    assert effects(step(SCALER, "update", before, after)) == {LOWER}
    assert effects(step(SCALER, "update", after, before)) == {NONE}
    assert effects(step(SCALER, "update", before, BEFORE[SCALER])) == {LOWER}
    assert effects(step(SCALER, "update", BEFORE[SCALER], before)) == {NONE}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"maxUnavailable": 1}, {"minAvailable": 2}, WEAKER),
        ({"maxUnavailable": "50%"}, {"maxUnavailable": 1}, WEAKER),
        ({"maxUnavailable": "50%"}, {"maxUnavailable": "25%"}, NONE),
        ({"minAvailable": 2}, {"minAvailable": 1}, WEAKER),
        ({"minAvailable": 2}, {"minAvailable": "100%"}, WEAKER),
        ({"maxUnavailable": 2}, {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}, NONE),
    ],
)
def test_a_budget_is_compared_only_in_the_same_units(before: Any, after: Any, expected: Effect) -> None:
    assert expected in effects(step(BUDGET, "update", {"spec": before}, {"spec": after}))
    assert max(effects(step(BUDGET, "update", {"spec": before}, {"spec": after}))) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"maxUnavailable": 1}, {"minAvailable": 2}, WEAKER),  # of 10 it lets 8 go
        ({"minAvailable": 2}, {"maxUnavailable": 1}, NONE),
        ({"maxUnavailable": "25%"}, {"maxUnavailable": "30%"}, NONE),
        ({"maxUnavailable": "25%"}, {"maxUnavailable": "40%"}, WEAKER),
        ({"maxUnavailable": 1}, {"minAvailable": "95%"}, WEAKER),
    ],
)
def test_a_budget_is_compared_at_the_numbers_of_pods_there_may_be(before: Any, after: Any, expected: Effect) -> None:
    scaler = {"spec": {**BEFORE[SCALER]["spec"], "scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
    assert effects(
        RUNNING, step(SCALER, "same", scaler, scaler), step(BUDGET, "update", {"spec": before}, {"spec": after})
    ) == {expected}


PROBE = f"{POD}containers.0.readinessProbe"


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ({"failureThreshold": 10}, {RESTART, WEAKER}),
        ({"periodSeconds": 30}, {RESTART, WEAKER}),
        ({"failureThreshold": 1}, {RESTART}),
        ({"periodSeconds": 5, "failureThreshold": 4}, {RESTART}),
    ],
)
def test_a_probe_that_gives_up_later(probe: dict[str, Any], expected: set[Effect]) -> None:
    new = {"httpGet": {"path": "/", "port": "http"}, **probe}
    assert effects(update(DEPLOYMENT, PROBE, new)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(30, 60, {RESTART, WEAKER}), (60, 30, {RESTART}), (30, UNSET, {RESTART, WEAKER}), (600, UNSET, {RESTART})],
)
def test_pods_that_stay_bound_to_a_lost_node_for_longer(before: Any, after: Any, expected: set[Effect]) -> None:
    def with_seconds(seconds: Any) -> dict[str, Any]:
        key = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}
        return changed(
            DEPLOYMENT, f"{POD}tolerations", [] if seconds is UNSET else [{**key, "tolerationSeconds": seconds}]
        )

    assert effects(step(DEPLOYMENT, "update", with_seconds(before), with_seconds(after))) == expected


@pytest.mark.parametrize(("away", "expected"), [("100%", OUTAGE), (3, OUTAGE), (2, RESTART), ("50%", RESTART)])
def test_a_release_that_may_take_all_pods_away_is_an_outage(away: Any, expected: Effect) -> None:
    before = changed(DEPLOYMENT, "spec.strategy.rollingUpdate.maxUnavailable", away)
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    assert effects(step(DEPLOYMENT, "update", before, after)) == {expected}


def test_pods_that_are_replaced_only_when_somebody_deletes_them() -> None:
    kind, before = "apps/v1:StatefulSet", changed(DEPLOYMENT, "spec.updateStrategy", {"type": "OnDelete"})
    before["spec"].pop("strategy")
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    assert effects(step(kind, "update", before, after)) == {NONE}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (ACCOUNT, f"{POD}serviceAccountName", "web"),
        (CONFIG, f"{POD}containers.0.envFrom", [{"configMapRef": {"name": "web"}}]),
        (CONFIG, f"{POD}volumes", [{"name": "c", "configMap": {"name": "web"}}]),
        (
            "core/v1:Secret",
            f"{POD}containers.0.env",
            [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "web", "key": "a"}}}],
        ),
        ("core/v1:Secret", f"{POD}volumes", [{"name": "c", "secret": {"secretName": "web"}}]),
    ],
)
def test_what_goes_and_is_still_named_by_pods(kind: str, path: str, value: Any) -> None:
    gone = step(kind, "delete", {**BEFORE[kind], "metadata": {"name": "web"}})
    needing = changed(DEPLOYMENT, path, value)
    assert effects(step(DEPLOYMENT, "same", needing, needing), gone) == {WEAKER}
    assert effects(step(DEPLOYMENT, "update", needing, BEFORE[DEPLOYMENT]), gone) == {NONE}, "the pods cease to name it"
    assert effects(RUNNING, gone) == {NONE}
    optional = json.loads(
        json.dumps(needing)
        .replace('{"name": "web"', '{"optional": true, "name": "web"')
        .replace('{"secretName": "web"', '{"optional": true, "secretName": "web"')
    )
    if kind != ACCOUNT:
        assert effects(step(DEPLOYMENT, "same", optional, optional), gone) == {NONE}
