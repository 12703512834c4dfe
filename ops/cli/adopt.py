"""Takes a backend that runs already into a stack's state. Nothing on the cluster is changed by it: the next `up` does that.

The engine itself lists what it would create, and imports what of that is there. What people have set is what it is told of
each object: with the API server's defaults as well, the next preview would show all of them as taken away, the Service's
own address among them.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from components import preflight
from components.inspection.adoption import objections, remarks
from components.inspection.client import Client
from components.inspection.namespace_contents import Found, look, name_of
from components.inspection.ownership import given
from components.runtime.configuration import RESUMING
from components.settings import LocalCluster, Settings
from ops.cli.pulumi_binary import at_least
from ops.cli.run import Runner

Log = Callable[[str], None]
_Step = Mapping[str, Any]
OLDEST = (3, 255, 0)  # the first that lists providers with their configuration, and takes inputs from the file
_AUTONAMED = "pulumi.com/autonamed"
_PROVIDER = "pulumi:providers:"


class AdoptError(Exception):
    """The backend cannot be taken over, or not wholly; every reason is in the text."""


def adopt(runner: Runner, stack: str, settings: Settings, log: Log) -> int:
    """Takes it over. Raises AdoptError, before anything is changed, with everything that stands in the way."""
    if settings.several:
        raise AdoptError(
            f"The stack {stack!r} has several clusters, and a backend is taken over on one: name that one in "
            "`cluster`, take it over, then put it among the `placements` with adoptedFromCluster: true "
            "(docs/several-clusters.md)."
        )
    (site,), backend = settings.sites, settings.backend
    cluster = site.cluster
    if isinstance(cluster, LocalCluster):
        raise AdoptError(
            f"The stack {stack!r} makes a cluster of its own, on which nothing runs that could be taken over: "
            'name the cluster that the backend runs on (README: "A real cluster").'
        )
    way = preflight.way(cluster, runner.outputs_of)
    preflight.answers(way)
    found = look(Client(way.access, way.context), backend.namespace_name)
    reasons = [*objections(backend, found), *_hindrances(runner, stack)]
    if reasons:
        raise AdoptError(
            "\n".join(
                [
                    f"{backend.name} cannot be taken over:",
                    *(f"  {reason}" for reason in reasons),
                    "Nothing was changed.",
                ]
            )
        )
    for remark in remarks(backend, found):
        log(f"note: {remark}")
    runner.select()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "import.json"
        # Whatever exists would be refused as a creation: for this one preview it is not.
        preview = _done(runner.quietly("preview", "--json", "--import-file", str(file), **{RESUMING: "1"}), "preview")
        steps, listed = json.loads(preview)["steps"], json.loads(file.read_text())
        there = _live(steps, found)
        _import(runner, file, listed.get("nameTable") or {}, _entries(listed.get("resources") or [], there), steps)
    _done(runner.quietly("refresh", "--yes", "--skip-preview"), "refresh")
    log(
        "\n".join(
            [
                "taken over, as they run:",
                *(f"  {live['kind']} {name_of(live)}" for live in there.values()),
                f"Nothing on the cluster was changed. `make preview STACK={stack}` shows what the next `up` changes.",
            ]
        )
    )
    return 0


def _import(
    runner: Runner, file: Path, names: dict[str, str], entries: list[dict[str, Any]], steps: list[_Step]
) -> None:
    # Components first: in one go the engine makes a provider before the component that it belongs to, and then refuses the
    # state that it has written itself (pulumi 3.260).
    components = [one for one in entries if one.get("component")]
    urns = {_named(step): step["urn"] for step in steps}
    made = {one["name"]: urns[one["type"], _logical(one)] for one in components}
    for several, known in ((components, names), ([one for one in entries if one not in components], {**names, **made})):
        if several:
            file.write_text(json.dumps({"nameTable": known, "resources": several}))
            _done(
                runner.quietly(
                    "import", "--file", str(file), "--yes", "--skip-preview", "--protect=false", "--generate-code=false"
                ),
                "import",
            )


def _done(done: subprocess.CompletedProcess[str], what: str) -> str:
    if done.returncode != 0:
        raise AdoptError(f"pulumi {what} failed, and nothing on the cluster was changed:\n{_said(done)}")
    return done.stdout


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """What is wrong, in the engine's words: a preview says it among all else, as JSON."""
    try:
        told = [
            each["message"].strip() for each in json.loads(done.stdout)["diagnostics"] if each["severity"] == "error"
        ]
    except (ValueError, KeyError, TypeError):
        told = [done.stdout.strip()[-6000:]]
    return "\n".join([*told, done.stderr.strip()[-2000:]]).strip()


def _hindrances(runner: Runner, stack: str) -> Iterable[str]:
    if not at_least(runner.version, OLDEST):
        yield f"pulumi {runner.version} is here, and to import what is given needs {'.'.join(map(str, OLDEST))} or later"
    kept = runner.stored().get("resources") or [] if runner.exists() else []
    if any(one["type"] == "kubernetes:apps/v1:Deployment" for one in kept):
        yield f"the stack {stack!r} has a Deployment already: use another one"


def _live(steps: list[_Step], found: Found) -> dict[tuple[str, str], Mapping[str, Any]]:
    """What is there of what would be created, by type and name in the program."""
    there = {}
    for step in steps:
        inputs = (step.get("newState") or {}).get("inputs") or {}
        metadata = inputs.get("metadata") or {}
        if _named(step)[0].endswith("Patch") or _AUTONAMED in (metadata.get("annotations") or {}):
            continue
        if live := found.one(inputs.get("kind", ""), metadata.get("name", "")):
            there[_named(step)] = live
    return there


def _entries(listed: list[dict[str, Any]], there: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries of the import file that stay: components, our provider, and what is there."""
    kept = []
    needed = {
        entry["provider"] for entry in listed if (entry["type"], _logical(entry)) in there and "provider" in entry
    }
    for entry in listed:
        live = there.get((entry["type"], _logical(entry)))
        if live:
            inputs = given(live)
            # Supplied, they are not asked for: the refresh that follows does that, and keeps to the shape of the inputs.
            kept.append({**entry, "id": _id(live), "inputs": inputs, "outputs": inputs})
        elif entry.get("component"):
            kept.append(entry)
        elif entry["type"].startswith(_PROVIDER) and entry["name"] in needed:
            # Existing objects were passed over for this preview only.
            kept.append({**entry, "inputs": {**entry.get("inputs", {}), "upsertExistingObjects": "false"}})
    return kept


def _logical(entry: Mapping[str, Any]) -> str:
    return str(entry.get("logicalName") or entry["name"])


def _named(step: _Step) -> tuple[str, str]:
    """Type and name in the program."""
    *_, kind, name = step["urn"].split("::")
    return kind.rpartition("$")[2], name


def _id(live: Mapping[str, Any]) -> str:
    space = live["metadata"].get("namespace")
    return f"{space}/{name_of(live)}" if space else name_of(live)
