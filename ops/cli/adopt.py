"""Adopt a running backend into a stack's state. Nothing on the cluster changes: the next `up` does that.

The engine lists what it would create, and imports what already exists. As inputs of each object it imports only the
fields that people set. With the API server's defaults too, the next preview would show all of them as removed, the
address of the Service included.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from components import preflight
from components.errors import tagged
from components.errors.adoption import LIST_FORBIDDEN
from components.inspection import adoption_claims
from components.inspection.adoption import objections
from components.inspection.adoption_notes import notes, tools
from components.inspection.client import Client, ForbiddenError
from components.inspection.live_objects import LiveObjects
from components.inspection.namespace_contents import name_of, read_namespace
from components.inspection.ownership import user_set_fields
from components.runtime.configuration import RESUMING
from components.settings import BackendSettings, Settings
from ops.cli.errors import (
    ADOPTION_FAILED,
    ADOPTION_NEEDS_EXISTING_CLUSTER,
    ADOPTION_NEEDS_ONE_CLUSTER,
    ADOPTION_REJECTED,
    ADOPTION_STACK_IN_USE,
    PULUMI_TOO_OLD,
)
from ops.cli.pulumi_binary import at_least
from ops.cli.run import Runner
from ops.errors import UserError
from ops.exit_codes import ExitCode
from ops.review.preview import UNKNOWN

Log = Callable[[str], None]
_Step = Mapping[str, Any]
OLDEST = (3, 255, 0)  # the oldest that lists providers with their configuration, and reads inputs from the file
_AUTONAMED = "pulumi.com/autonamed"
_PROVIDER = "pulumi:providers:"


class AdoptError(UserError):
    """The backend cannot be adopted; the text lists every reason."""


def adopt(runner: Runner, stack: str, settings: Settings, log: Log) -> int:
    """Adopt the backend. Raises AdoptError with every reason against it, before anything changes."""
    if settings.several:
        raise AdoptError(
            f"The stack {stack!r} has several clusters, and a backend is adopted on one: name that one in `cluster`, "
            "adopt, then move it to `placements` with adoptedFromCluster: true.",
            ADOPTION_NEEDS_ONE_CLUSTER,
        )
    (site,), backend = settings.sites, settings.backend
    cluster = site.cluster
    if cluster.embedded:
        raise AdoptError(
            f"The stack {stack!r} creates its own cluster, on which no backend runs yet: set `cluster` to the cluster "
            "that the backend runs on (kind: existing).",
            ADOPTION_NEEDS_EXISTING_CLUSTER,
        )
    known = cluster.locate(preflight.LookUp(outputs=runner.outputs_of))
    preflight.answers(known)
    client = Client(known.access.kubeconfig, known.access.context)
    contents = read_namespace(client, backend.namespace_name)
    reasons = [*objections(backend, contents), *_obstacles(runner, stack)]
    _reject(backend.name, reasons)
    for note in notes(backend, contents):
        log(f"note: {note}")
    runner.select()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "import.json"
        # The engine rejects the creation of an object that exists. For this preview only, it does not.
        preview = _stdout(runner.capture("preview", "--json", "--import-file", str(file), **{RESUMING: "1"}), "preview")
        steps, listed = json.loads(preview)["steps"], json.loads(file.read_text())
        live, reasons = _live(steps, LiveObjects(client), backend)
        _reject(backend.name, reasons)
        for note in tools(live.values()):
            log(f"note: {note}")
        _import(runner, file, listed.get("nameTable") or {}, _entries(listed.get("resources") or [], live), steps)
    _stdout(runner.capture("refresh", "--yes", "--skip-preview"), "refresh")
    log(
        "\n".join(
            [
                "adopted as they run:",
                *(f"  {one['kind']} {name_of(one)}" for one in live.values()),
                f"Nothing on the cluster was changed. `make preview STACK={stack}` shows what the next `up` changes.",
            ]
        )
    )
    return ExitCode.OK


def _reject(name: str, reasons: list[str]) -> None:
    if reasons:
        text = "\n".join([f"{name} cannot be adopted:", *(f"  {one}" for one in reasons), "Nothing was changed."])
        raise AdoptError(text, ADOPTION_REJECTED)


def _import(
    runner: Runner, file: Path, names: dict[str, str], entries: list[dict[str, Any]], steps: list[_Step]
) -> None:
    # Components first: in a single import the engine creates a provider before the component that it belongs to, and
    # then rejects the state that it wrote itself (pulumi 3.260).
    components = [one for one in entries if one.get("component")]
    urns = {_named(step): step["urn"] for step in steps}
    imported = {one["name"]: urns[one["type"], _logical(one)] for one in components}
    others = [one for one in entries if one not in components]
    for resources, table in ((components, names), (others, {**names, **imported})):
        if resources:
            file.write_text(json.dumps({"nameTable": table, "resources": resources}))
            _stdout(
                runner.capture(
                    "import", "--file", str(file), "--yes", "--skip-preview", "--protect=false", "--generate-code=false"
                ),
                "import",
            )


def _stdout(result: subprocess.CompletedProcess[str], command: str) -> str:
    if result.returncode != 0:
        raise AdoptError(
            f"pulumi {command} failed, and nothing on the cluster was changed:\n{_reason(result)}", ADOPTION_FAILED
        )
    return result.stdout


def _reason(result: subprocess.CompletedProcess[str]) -> str:
    """Return the engine's own error messages. A preview prints them as JSON, among everything else."""
    try:
        messages = [
            each["message"].strip() for each in json.loads(result.stdout)["diagnostics"] if each["severity"] == "error"
        ]
    except (ValueError, KeyError, TypeError):
        messages = [result.stdout.strip()[-6000:]]
    return "\n".join([*messages, result.stderr.strip()[-2000:]]).strip()


def _obstacles(runner: Runner, stack: str) -> Iterable[str]:
    if not at_least(runner.version, OLDEST):
        oldest = ".".join(map(str, OLDEST))
        yield tagged(f"pulumi {runner.version} cannot import inputs: install {oldest} or later", PULUMI_TOO_OLD)
    resources = runner.export().get("resources") or [] if runner.exists() else []
    if any(one["type"] == "kubernetes:apps/v1:Deployment" for one in resources):
        yield tagged(f"the stack {stack!r} already has a Deployment: use another stack", ADOPTION_STACK_IN_USE)


def _live(
    steps: list[_Step], objects: LiveObjects, backend: BackendSettings
) -> tuple[dict[tuple[str, str], Mapping[str, Any]], list[str]]:
    """Return the live objects among those that would be created, by their type and name in the program.

    Return the reasons against their adoption, too.
    """
    existing, reasons = {}, []
    for step in steps:
        inputs = (step.get("newState") or {}).get("inputs") or {}
        annotations = (inputs.get("metadata") or {}).get("annotations") or {}
        if _named(step)[0].endswith("Patch") or _AUTONAMED in annotations:
            continue
        try:
            live = objects.find(inputs)
        except ForbiddenError as error:
            reasons.append(tagged(f"{inputs['kind']} {inputs['metadata'].get('name')}: {error.text}", LIST_FORBIDDEN))
            continue
        if live:
            existing[_named(step)] = live
            known = inputs if UNKNOWN not in json.dumps(inputs) else {}
            reasons += adoption_claims.objections(backend, known, live)
    return existing, reasons


def _entries(
    listed: list[dict[str, Any]], existing: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the entries of the import file that stay: components, our provider, and objects that exist."""
    kept = []
    needed = {
        entry["provider"] for entry in listed if (entry["type"], _logical(entry)) in existing and "provider" in entry
    }
    for entry in listed:
        live = existing.get((entry["type"], _logical(entry)))
        if live:
            inputs = user_set_fields(live)
            # With inputs supplied, the engine does not read the object. The refresh that follows does, in the inputs'
            # shape.
            kept.append({**entry, "id": _id(live), "inputs": inputs, "outputs": inputs})
        elif entry.get("component"):
            kept.append(entry)
        elif entry["type"].startswith(_PROVIDER) and entry["name"] in needed:
            # Existing objects were accepted for this preview only.
            kept.append({**entry, "inputs": {**entry.get("inputs", {}), "upsertExistingObjects": "false"}})
    return kept


def _logical(entry: Mapping[str, Any]) -> str:
    return str(entry.get("logicalName") or entry["name"])


def _named(step: _Step) -> tuple[str, str]:
    """Return type and name in the program."""
    *_, kind, name = step["urn"].split("::")
    return kind.rpartition("$")[2], name


def _id(live: Mapping[str, Any]) -> str:
    namespace = live["metadata"].get("namespace")
    return f"{namespace}/{name_of(live)}" if namespace else name_of(live)
