"""`make drift`: report what changed on the cluster since the deployment, and what it takes to restore it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from components.errors import tagged
from ops.cli.errors import DRIFT_FOUND, REFRESH_FAILED
from ops.cli.foreign_fields import foreign_fields
from ops.cli.preview_plan import DeployError, errors
from ops.cli.run import Runner
from ops.exit_codes import ExitCode
from ops.review import markdown
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding
from ops.review.errors import NOT_A_PREVIEW
from ops.review.judge import Assessment, judge
from ops.review.markdown import Words
from ops.review.preview import STACK, Preview, PreviewError, Step, read
from ops.review.workload import TEMPLATE

WORDS = Words(
    "drift", "no drift: the cluster is as it was deployed", "drift; restoring it takes: ", "Deployed", "On the cluster"
)


def drift(runner: Runner, stack: str, log: Callable[[str], None]) -> int:
    """Compare the cluster with what was deployed, and return 0 or 30. Changes nothing. Raises DeployError."""
    result = runner.preview_refresh()
    if result.returncode:
        raise DeployError(f"The cluster cannot be compared with what was deployed:\n{errors(result)}", REFRESH_FAILED)
    try:
        preview, assessments = assess_drift(result.stdout)
    except PreviewError as error:
        raise DeployError(error.text, error.kind) from None
    print(markdown.write(preview, assessments, {}, words=WORDS), flush=True)
    if assessments:
        log(tagged(f"To restore what was deployed: make deploy STACK={stack} ARGS=--refresh", DRIFT_FOUND))
    return ExitCode.DRIFT if assessments else ExitCode.OK


def assess_drift(text: str) -> tuple[Preview, list[Assessment]]:
    """Return what a refresh finds, assessed by what a deployment would do about it. Raises PreviewError.

    Each field has its deployed value before, and its value on the cluster after.
    """
    begin = text.find("{")
    try:
        document = json.loads(text[begin:]) if begin >= 0 else {}
        steps = [step for step in document.get("steps") or () if STACK not in step["urn"]]
        # Imitate a preview with --refresh of a program that wants what was deployed: first the refresh, then the
        # update.
        root = [
            {"op": "same", "urn": f"{'::'.join(step['urn'].split('::')[:2])}::{STACK}::stack"} for step in steps[:1]
        ]
        imitated = {**document, "steps": [*root, *steps, *root, *map(_reversed, steps)]}
    except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        raise PreviewError(f"The engine's refresh has an unexpected structure: {error}", NOT_A_PREVIEW) from None
    preview = read(json.dumps(imitated), "the engine's refresh")
    assessments = [_as_drift(one) for one in judge(preview)]
    return preview, [
        *(one for one in assessments if one.step.op == "create" or any(finding.fields for finding in one.findings)),
        *(one for step in steps if (one := _foreign(step))),
    ]


def _reversed(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return the step from what is on the cluster to what was deployed. The engine shows the opposite."""
    if step["op"] == "delete":
        return {"op": "create", "urn": step["urn"], "newState": step.get("oldState")}
    if step["op"] != "update":
        return {"op": "discard", "urn": step["urn"]}
    live, deployed = (dict(step.get(key) or {}) for key in ("newState", "oldState"))
    for path in deployed.get("ignoreChanges") or ():  # such as spec.replicas, which the autoscaler owns
        _copy(deployed.get("inputs"), live.get("inputs"), path.split("."))
    return {**step, "oldState": live, "newState": deployed}


def _copy(deployed: Any, live: Any, path: list[str]) -> None:
    for word in path[:-1]:
        deployed, live = ((value or {}).get(word) for value in (deployed, live))
    if deployed is not None and live is not None:
        live[path[-1]] = deployed.get(path[-1])


def _as_drift(one: Assessment) -> Assessment:
    if one.step.op == "create":
        return replace(one, findings=(Finding(Effect.NONE, "deleted manually: created again"),))
    # The fix that avoids the effect does not apply: the change was made manually.
    return replace(
        one,
        findings=tuple(replace(finding, fields=tuple(_swapped(finding.fields)), fix="") for finding in one.findings),
    )


def _foreign(step: Mapping[str, Any]) -> Assessment | None:
    """Return the fields that no deployment restores, because the engine does not compare them."""
    deployed, live = ((step.get(key) or {}) for key in ("oldState", "newState"))
    fields = tuple(foreign_fields(deployed.get("inputs") or {}, live.get("outputs") or {}))
    if not fields:
        return None
    pods = any(field.within(TEMPLATE) for field in fields)
    return Assessment(
        Step("update", step["urn"], None, None),
        (
            Finding(
                Effect.RESTART if pods else Effect.NONE,
                "added manually, in a field that deployments ignore",
                fields,
                "remove it manually, or add it to the settings",
            ),
        ),
    )


def _swapped(fields: tuple[Difference, ...]) -> Iterator[Difference]:
    return (Difference(field.path, field.after, field.before) for field in fields)
