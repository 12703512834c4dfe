"""Previews in all forms of the engine, refreshes included, and input that is not a preview."""

from __future__ import annotations

import json

import pytest

from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import PreviewError, read
from tests.support.review_previews import (
    BEFORE,
    DEPLOYMENT,
    SERVICE,
    changed,
    preview,
    step,
    updated,
    urn,
)


def test_engine_events_are_read_too() -> None:
    event = {
        "resourcePreEvent": {
            "metadata": {
                "op": "update",
                "urn": urn(DEPLOYMENT),
                "old": {"inputs": BEFORE[DEPLOYMENT]},
                "new": {"inputs": changed(DEPLOYMENT, "spec.replicas", 2)},
                "diffs": ["spec"],
            }
        }
    }
    found = read("Previewing update (prod):\n" + "\n".join(json.dumps(one) for one in [{"sequence": 1}, event]), "here")
    assert worst(judge(found)) is Effect.LOWER
    assert (found.stack, found.project) == ("prod", "shop")


def test_the_steps_of_a_refresh_are_not_the_update() -> None:
    root = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    by_hand = step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, "spec.replicas", 0))
    back = step(DEPLOYMENT, "update", changed(DEPLOYMENT, "spec.replicas", 0), BEFORE[DEPLOYMENT])
    assert worst(judge(read(preview(root, by_hand, root, back), "here"))) is Effect.NONE
    assert judge(read(preview(root, by_hand, root), "here")) == []
    assert worst(judge(read(preview(by_hand, root), "here"))) is Effect.OUTAGE


@pytest.mark.parametrize(("wanted", "effect"), [("web", Effect.NONE), ("other", Effect.OUTAGE)])
def test_restoring_the_selector_of_a_service_is_not_an_outage(wanted: str, effect: Effect) -> None:
    root = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    there, new = (changed(SERVICE, "spec.selector.app", app) for app in ("nobody", wanted))
    steps = [root, step(SERVICE, "update", BEFORE[SERVICE], there), root, step(SERVICE, "update", there, new)]
    assert worst(judge(read(preview(*steps), "here"))) is effect


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no preview at all",
        "[]",
        "{}",
        '{"steps": []}',
        '{"steps": 3}',
        '{"steps": [{}]}',
        '{"steps": [{"op": "update", "urn": "x"}]}',
        '{"steps": [',
        '{"steps": [{"op": 1, "urn": 2}]}',
    ],
)
def test_other_input_is_rejected_with_one_message(text: str) -> None:
    with pytest.raises(PreviewError, match=r"here.*Use the output of `pulumi preview --json`\. \[not-a-preview\]$"):
        read(text, "here")


def test_the_consequence_of_an_error_is_not_listed() -> None:
    following = {"severity": "error", "message": "error: an unhandled error: program exited with non-zero exit code: 1"}
    reason = {"severity": "error", "message": "error: ha-backend:cluster: no answer\n"}
    assert read(preview(updated(), diagnostics=[reason, following]), "here").errors == (
        "ha-backend:cluster: no answer",
    )
    assert len(read(preview(updated(), diagnostics=[following]), "here").errors) == 1
