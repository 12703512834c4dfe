"""`make drift`: what was changed by hand on the cluster since it was deployed, and what it takes to put it right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ops.cli.foreign_fields import added
from ops.cli.preview_plan import DeployError, errors
from ops.cli.run import Runner
from ops.review import markdown
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding
from ops.review.judge import Judged, judge
from ops.review.markdown import Words
from ops.review.preview import STACK, Preview, PreviewError, Step, read
from ops.review.workload import TEMPLATE

FOUND = 30
WORDS = Words(
    "drift", "no drift: the cluster is as it was deployed", "drift; to put it right: ", "Deployed", "There now"
)


def drift(runner: Runner, stack: str, log: Callable[[str], None]) -> int:
    """0 where the cluster is as it was deployed, 30 where it is not. Changes nothing. Raises DeployError."""
    done = runner.refreshed()
    if done.returncode:
        raise DeployError(f"What is on the cluster cannot be looked up:\n{errors(done)}")
    try:
        preview, judged = repair(done.stdout)
    except PreviewError as error:
        raise DeployError(str(error)) from None
    print(markdown.write(preview, judged, {}, words=WORDS), flush=True)
    if judged:
        log(f"To put it right: make deploy STACK={stack} ARGS=--refresh")
    return FOUND if judged else 0


def repair(text: str) -> tuple[Preview, list[Judged]]:
    """What a refresh would find, judged as what a deployment would do about it, each field as deployed and as it is now.

    Raises PreviewError.
    """
    begin = text.find("{")
    try:
        document = json.loads(text[begin:]) if begin >= 0 else {}
        found = [step for step in document.get("steps") or () if STACK not in step["urn"]]
        # As a preview with a refresh would be, of a program that wants what was deployed: what is found, then what is done.
        stack = [
            {"op": "same", "urn": f"{'::'.join(step['urn'].split('::')[:2])}::{STACK}::stack"} for step in found[:1]
        ]
        turned = {**document, "steps": [*stack, *found, *stack, *map(_turned, found)]}
    except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        raise PreviewError(f"What the engine says of a refresh is not as expected: {error}") from None
    preview = read(json.dumps(turned), "the engine's refresh")
    drifted = [_as_drift(one) for one in judge(preview)]
    return preview, [
        *(one for one in drifted if one.step.op == "create" or any(finding.fields for finding in one.findings)),
        *(one for step in found if (one := _with_more(step))),
    ]


def _turned(step: Mapping[str, Any]) -> dict[str, Any]:
    """From what is there to what was deployed: the engine shows it the other way round."""
    if step["op"] == "delete":
        return {"op": "create", "urn": step["urn"], "newState": step.get("oldState")}
    if step["op"] != "update":
        return {"op": "discard", "urn": step["urn"]}
    there, deployed = (dict(step.get(key) or {}) for key in ("newState", "oldState"))
    for path in deployed.get("ignoreChanges") or ():  # such as the number of pods, which the autoscaler owns
        _copy(deployed.get("inputs"), there.get("inputs"), path.split("."))
    return {**step, "oldState": there, "newState": deployed}


def _copy(deployed: Any, there: Any, path: list[str]) -> None:
    for word in path[:-1]:
        deployed, there = ((value or {}).get(word) for value in (deployed, there))
    if deployed is not None and there is not None:
        there[path[-1]] = deployed.get(path[-1])


def _as_drift(one: Judged) -> Judged:
    if one.step.op == "create":
        return replace(one, findings=(Finding(Effect.NONE, "deleted by hand: made again"),))
    # What would avoid the effect is no advice here: it was by hand that it came about.
    return replace(
        one,
        findings=tuple(replace(finding, fields=tuple(_swapped(finding.fields)), fix="") for finding in one.findings),
    )


def _with_more(step: Mapping[str, Any]) -> Judged | None:
    """What no deployment takes back, because the engine does not look at it."""
    deployed, there = ((step.get(key) or {}) for key in ("oldState", "newState"))
    fields = tuple(added(deployed.get("inputs") or {}, there.get("outputs") or {}))
    if not fields:
        return None
    pods = any(field.within(TEMPLATE) for field in fields)
    return Judged(
        Step("update", step["urn"], None, None),
        (
            Finding(
                Effect.RESTART if pods else Effect.NONE,
                "added by hand, where no deployment looks",
                fields,
                "take it away by hand as well, or say it in the settings",
            ),
        ),
    )


def _swapped(fields: tuple[Difference, ...]) -> Iterator[Difference]:
    return (Difference(field.path, field.after, field.before) for field in fields)
