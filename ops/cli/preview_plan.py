"""Create the preview and the plan that a deployment carries out, or report why that is impossible."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ops.cli.errors import PLAN_NOT_WRITTEN, PREVIEW_FAILED
from ops.cli.run import Runner
from ops.errors import UserError
from ops.review.preview import UNKNOWN, Preview, PreviewError, read

_CONFLICT = "Somebody changed these fields on the cluster: `make drift` shows them, and ARGS=--refresh reverts them."
_PROVIDER = "pulumi:providers:kubernetes"


class DeployError(UserError):
    """The stack cannot be deployed, and nothing was changed; the text gives the reason."""


def create(runner: Runner, plan: Path, arguments: list[str]) -> Preview:
    """Return the preview, and write its plan to a file that exists already. Raises DeployError."""
    result = runner.plan(plan, arguments)
    if result.returncode:
        reason = errors(result)
        hint = f"\n{_CONFLICT}" if "conflict" in reason and "field manager" in reason else ""
        raise DeployError(f"The preview failed, so nothing was changed:\n{reason}{hint}", PREVIEW_FAILED)
    if not plan.read_text():
        raise DeployError(
            "The engine wrote no plan for its preview, so nothing was changed: run the command again.", PLAN_NOT_WRITTEN
        )
    try:
        return read(result.stdout, "the engine's preview")
    except PreviewError as error:
        raise DeployError(error.text, error.kind) from None


def unplannable(preview: Preview) -> str:
    """Return why the engine would reject its own plan even if nothing changes; empty if it would not."""
    if any(step.type == _PROVIDER and UNKNOWN in json.dumps(step.new, default=str) for step in preview.steps):
        return "this run creates or starts the cluster, so nothing on it can be planned"
    # The Kubernetes provider changes the form of a Secret as soon as its values are known.
    if any(step.type.startswith("random:") and not step.unchanged and step.new for step in preview.steps):
        return "this run generates secrets, and a plan cannot contain values that are unknown"
    return ""


def errors(result: subprocess.CompletedProcess[str]) -> str:
    """Return the engine's error messages from its JSON output, or its standard error if that holds none."""
    begin = result.stdout.find("{")
    try:
        diagnostics = json.loads(result.stdout[begin:])["diagnostics"] if begin >= 0 else []
    except (ValueError, KeyError):
        diagnostics = []
    messages = [one["message"].strip() for one in diagnostics if one.get("severity") == "error"]
    return "\n".join(messages) or result.stderr.strip()
