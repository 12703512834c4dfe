"""`make drift`: what a refresh finds, told as what was deployed and what is there, and what it takes to put it right."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ops.cli.drift import WORDS, repair
from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import worst
from ops.review.preview import PreviewError
from tests.unit.ops.review.test_effects import BACKEND, BEFORE, DEPLOYMENT, changed, urn

SERVICE = "core/v1:Service"


def found(kind: str, there: Any, op: str = "update", **deployed: Any) -> dict[str, Any]:
    """A step of a refresh: from what was deployed to what is there."""
    before = {"inputs": copy.deepcopy(BEFORE[kind]), **deployed}
    return {"op": op, "urn": urn(kind), "oldState": before, **({"newState": {"inputs": there}} if there else {})}


def told(*steps: dict[str, Any]) -> tuple[Effect, str]:
    preview, judged = repair(json.dumps({"steps": steps}))
    return worst(judged), markdown.write(preview, judged, {}, words=WORDS)


def test_no_drift() -> None:
    effect, text = told(found(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh"))
    assert effect is Effect.NONE and "🟢 `prod`: no drift: the cluster is as it was deployed" in text


def test_a_changed_pod_template_takes_a_rolling_restart_to_put_right() -> None:
    effect, text = told(found(DEPLOYMENT, changed(DEPLOYMENT, f"{BACKEND}image", "web:hand")))
    assert effect is Effect.RESTART and "drift; to put it right: **rolling restart**" in text
    assert "| Field | Deployed | There now |" in text
    assert "| `spec.template.spec.containers[backend].image` | `web:1` | `web:hand` |" in text


def test_what_is_put_right_is_judged_and_not_what_was_done() -> None:
    fewer, _ = told(found(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 1)))
    more, _ = told(found(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 9)))
    assert (fewer, more) == (Effect.NONE, Effect.LOWER)


def test_a_number_of_pods_that_an_autoscaler_owns_is_no_drift() -> None:
    scaled = found(DEPLOYMENT, changed(DEPLOYMENT, "spec.replicas", 9), ignoreChanges=["spec.replicas"])
    effect, text = told(scaled)
    assert effect is Effect.NONE and "no drift" in text
    there = changed(DEPLOYMENT, f"{BACKEND}image", "web:hand")
    there["spec"]["replicas"] = 9
    effect, text = told(found(DEPLOYMENT, there, ignoreChanges=["spec.replicas"]))
    assert effect is Effect.RESTART and "spec.replicas" not in text


def test_what_was_deleted_is_made_again() -> None:
    effect, text = told(found(DEPLOYMENT, None, "delete"))
    assert effect is Effect.NONE and "deleted by hand: made again" in text and "drift; to put it right" in text


def test_a_service_that_leads_elsewhere_is_led_back_which_is_no_outage() -> None:
    effect, text = told(found(SERVICE, changed(SERVICE, "spec.selector", {"app": "nobody"})))
    assert effect is Effect.NONE and "requests are led again to where they were deployed to" in text
    assert "| `spec.selector.app` | `web` | `nobody` |" in text


def owned(fields: dict[str, Any], manager: str = "kubectl-set", **more: Any) -> dict[str, Any]:
    """A step that the engine finds nothing at, of a Deployment with one field more than the program says."""
    live = copy.deepcopy(BEFORE[DEPLOYMENT])
    live["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "fast"}
    live["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "HAND", "value": "1"})
    live["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "now"}
    live.setdefault("metadata", {})["managedFields"] = [{"manager": manager, "fieldsV1": {"f:spec": fields}, **more}]
    made = found(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh")
    made["newState"]["outputs"] = live
    return made


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


def test_what_was_added_by_hand_is_found_though_the_engine_does_not_look_there() -> None:
    effect, text = told(owned({"f:template": {"f:spec": POD}}))
    assert effect is Effect.RESTART
    assert "| `spec.template.spec.nodeSelector.disk` | *none* | `fast` |" in text
    assert '| `spec.template.spec.containers[backend].env[HAND]` | *none* | `{"name": "HAND", "value": "1"}` |' in text
    assert "containers[backend].image" not in text, "the program says it, so that the engine compares it"


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({"f:template": {"f:spec": POD}}, {"manager": "some-controller"}),
        ({"f:template": {"f:spec": POD}}, {"subresource": "scale"}),
        ({"f:template": {"f:spec": {"f:hostNetwork": {}}}}, {}),
        ({"f:template": {"f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/restartedAt": {}}}}}, {}),
    ],
)
def test_what_controllers_set_what_is_gone_again_and_a_restart_are_no_drift(fields: Any, more: dict[str, str]) -> None:
    assert "no drift" in told(owned(fields, **more))[1]


def test_it_has_a_comment_of_its_own() -> None:
    _, text = told(found(DEPLOYMENT, BEFORE[DEPLOYMENT], "refresh"))
    assert text.startswith("<!-- ha-backend drift: shop/prod -->")


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"steps": 3}', '{"steps": [{}]}', '{"steps": [{"op": "update"}]}']
)
def test_what_is_no_refresh_is_one_message(text: str) -> None:
    with pytest.raises(PreviewError):
        repair(text)
