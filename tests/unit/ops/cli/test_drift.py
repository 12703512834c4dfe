"""`make drift`: what a refresh finds, each field as deployed and as on the cluster, and what restoring it takes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ops.cli.drift import WORDS, assess_drift
from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import worst
from ops.review.preview import PreviewError
from tests.support.review_previews import BACKEND, BEFORE, DEPLOYMENT, changed, urn

SERVICE = "core/v1:Service"


def refreshed(kind: str, live: Any, op: str = "update", **deployed: Any) -> dict[str, Any]:
    """Return a step of a refresh: from what was deployed to what is on the cluster."""
    before = {"inputs": copy.deepcopy(BEFORE[kind]), **deployed}
    return {"op": op, "urn": urn(kind), "oldState": before, **({"newState": {"inputs": live}} if live else {})}


def drift(*steps: dict[str, Any]) -> tuple[Effect, str]:
    """Return the effect of restoring what was deployed, and the report."""
    preview, assessments = assess_drift(json.dumps({"steps": steps}))
    return worst(assessments), markdown.write(preview, assessments, {}, words=WORDS)


def test_no_drift() -> None:
    effect, text = drift(refreshed(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh"))
    assert effect is Effect.NONE and "🟢 `prod`: no drift: the cluster is as it was deployed" in text


def test_restoring_a_changed_pod_template_takes_a_rolling_restart() -> None:
    effect, text = drift(refreshed(DEPLOYMENT, changed(DEPLOYMENT, f"{BACKEND}image", "web:hand")))
    assert effect is Effect.RESTART and "drift; restoring it takes: **rolling restart**" in text
    assert "| Field | Deployed | On the cluster |" in text
    assert "| `spec.template.spec.containers[backend].image` | `web:1` | `web:hand` |" in text


def test_the_restoration_is_judged_and_not_the_manual_change() -> None:
    fewer, _ = drift(refreshed(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 1)))
    more, _ = drift(refreshed(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 9)))
    assert (fewer, more) == (Effect.NONE, Effect.LOWER)


def test_replicas_that_an_autoscaler_owns_are_no_drift() -> None:
    scaled = refreshed(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 9), ignoreChanges=["spec.replicas"])
    effect, text = drift(scaled)
    assert effect is Effect.NONE and "no drift" in text
    live = changed(DEPLOYMENT, f"{BACKEND}image", "web:hand")
    live["spec"]["replicas"] = 9
    effect, text = drift(refreshed(DEPLOYMENT, live, ignoreChanges=["spec.replicas"]))
    assert effect is Effect.RESTART and "spec.replicas" not in text


def test_a_deleted_object_is_created_again() -> None:
    effect, text = drift(refreshed(DEPLOYMENT, None, "delete"))
    assert effect is Effect.NONE and "deleted manually: created again" in text and "drift; restoring it takes" in text


def test_restoring_the_selector_of_a_service_is_no_outage() -> None:
    effect, text = drift(refreshed(SERVICE, changed(SERVICE, "spec.selector", {"app": "nobody"})))
    assert effect is Effect.NONE and "requests are routed again to where they were deployed to" in text
    assert "| `spec.selector.app` | `web` | `nobody` |" in text


def owned(fields: dict[str, Any], manager: str = "kubectl-set", **more: Any) -> dict[str, Any]:
    """Return a step without a difference for the engine, of a Deployment with fields that the program does not set."""
    live = copy.deepcopy(BEFORE[DEPLOYMENT])
    live["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "fast"}
    live["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "HAND", "value": "1"})
    live["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "now"}
    live.setdefault("metadata", {})["managedFields"] = [{"manager": manager, "fieldsV1": {"f:spec": fields}, **more}]
    step = refreshed(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh")
    step["newState"]["outputs"] = live
    return step


POD = {
    "f:nodeSelector": {"f:disk": {}},
    "f:containers": {
        'k:{"name":"backend"}': {
            ".": {},
            "f:image": {},
            "f:env": {'k:{"name":"HAND"}': {".": {}, "f:name": {}, "f:value": {}}},
        }
    },
}


def test_a_manually_added_field_is_found_although_the_engine_ignores_it() -> None:
    effect, text = drift(owned({"f:template": {"f:spec": POD}}))
    assert effect is Effect.RESTART
    assert "| `spec.template.spec.nodeSelector.disk` | *none* | `fast` |" in text
    assert '| `spec.template.spec.containers[backend].env[HAND]` | *none* | `{"name": "HAND", "value": "1"}` |' in text
    assert "containers[backend].image" not in text, "the program sets it, so the engine compares it"


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({"f:template": {"f:spec": POD}}, {"manager": "some-controller"}),
        ({"f:template": {"f:spec": POD}}, {"subresource": "scale"}),
        ({"f:template": {"f:spec": {"f:hostNetwork": {}}}}, {}),
        ({"f:template": {"f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/restartedAt": {}}}}}, {}),
    ],
)
def test_fields_of_controllers_removed_fields_and_a_restart_are_no_drift(fields: Any, more: dict[str, str]) -> None:
    assert "no drift" in drift(owned(fields, **more))[1]


def test_it_has_its_own_comment() -> None:
    _, text = drift(refreshed(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh"))
    assert text.startswith("<!-- ha-backend drift: shop/prod -->")


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"steps": 3}', '{"steps": [{}]}', '{"steps": [{"op": "update"}]}']
)
def test_other_input_is_rejected(text: str) -> None:
    with pytest.raises(PreviewError):
        assess_drift(text)
