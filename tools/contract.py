"""`python -m tools.contract write` records what is a contract: what an upgrade must neither replace nor take away.

`check` compares: what is gone or changed is named, each with what it does to somebody who upgrades. What is new among settings,
inputs and outputs is no breach; a new child is, where settings have not asked for it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from pydantic import BaseModel

from components import Cluster, HighlyAvailableBackend
from components.settings import BackendSettings, ExistingCluster, LocalCluster
from ops.provider.schema import schema
from tests.support.fake_engine import IMAGE, Monitor

RECORD = Path(__file__).parent.parent / "tests" / "unit" / "contract.json"
COMMAND = "venv/bin/python -m tools.contract write"
Contract = dict[str, Any]

# Between them, everything that can be a child; fixed here, so that a changed stack file is no changed contract.
BACKENDS: dict[str, dict[str, Any]] = {
    "the image alone": {"image": IMAGE},
    "everything": {
        "image": IMAGE,
        "name": "shop",
        "namespace": "shops",
        "environment": {"A": "1"},
        "generatedSecrets": {"names": ["KEY"]},
        "metricsPort": 9090,
        "network": {"allowMetricsFrom": ["monitoring"], "egress": [{"cidr": "10.0.0.0/8"}]},
    },
    "a fixed number": {"image": IMAGE, "autoscaling": {"enabled": False}},
    "taken over": {"image": IMAGE, "selector": {"app": "shop"}},
}
CLUSTERS: dict[str, LocalCluster | ExistingCluster] = {
    "local": LocalCluster(kind="local"),
    "existing": ExistingCluster(kind="existing", kubeconfig="k", context="c"),
}


def contract() -> Contract:
    """What holds now."""
    return {
        "children": {
            **{
                f"backend: {name}": _children(lambda given=given: HighlyAvailableBackend("web", given))
                for name, given in BACKENDS.items()
            },
            **{
                f"cluster: {name}": _children(lambda given=given: Cluster("cluster", given, access="", folder="/f"))
                for name, given in CLUSTERS.items()
            },
        },
        "defaults": {
            **_defaults(BackendSettings, "backend"),
            **_defaults(LocalCluster, "cluster(local)"),
            **_defaults(ExistingCluster, "cluster(existing)"),
        },
        "package": dict(_tokens()),
    }


def breaches(recorded: Contract, now: Contract) -> list[str]:
    """Every difference that somebody who upgrades would notice, in words."""
    found = []
    for where, before in recorded["children"].items():
        after = now["children"].get(where, {})
        found += [
            f"{where}: {child} is gone: an upgrade deletes it, or replaces it where it has another name now"
            for child in before
            if child not in after
        ]
        found += [
            f"{where}: {child} is new, and these settings did not ask for it" for child in after if child not in before
        ]
        found += [
            f"{where}: {child} was {before[child]} and is {after[child]}: an upgrade replaces it"
            for child in before
            if child in after and before[child] != after[child]
        ]
    for part, effect in (
        ("defaults", "an upgrade changes what runs, where a stack file leaves it out"),
        ("package", "programs in other languages do not compile, or mean something else"),
    ):
        for key, value in recorded[part].items():
            if key not in now[part]:
                found.append(f"{key} is gone: {effect}")
            elif now[part][key] != value:
                found.append(f"{key} was {json.dumps(value)} and is {json.dumps(now[part][key])}: {effect}")
    return found


def _children(program: Any) -> dict[str, Any]:
    """Each resource by type, name and parent, with that of its object which cannot change in place."""
    monitor = Monitor()
    monitor.run(program)
    return {
        f"{request.type} {request.name} in {request.parent.rpartition('::')[2] or 'the program'}": _fixed(request)
        for request in sorted(monitor.requests, key=lambda request: (request.type, request.name))
    }


def _fixed(request: Any) -> dict[str, Any]:
    given = json_format.MessageToDict(request.object)
    metadata, spec = given.get("metadata") or {}, given.get("spec") or {}
    selector = spec.get("selector", spec.get("podSelector"))
    known = {
        "name": metadata.get("name"),
        "namespace": metadata.get("namespace"),
        "selector": selector,
        "aliases": [str(alias).split() for alias in request.aliases],
    }
    return {key: value for key, value in known.items() if value}


def _defaults(model: Any, prefix: str) -> Contract:
    found: Contract = {}
    for field in model.model_fields.values():
        if field.is_required():
            continue
        key, value = f"{prefix}.{field.alias}", field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            found |= _defaults(type(value), key) or {}
            found |= {
                f"{key}.{name}": inner for name, inner in value.model_dump(by_alias=True, exclude_unset=True).items()
            }
        else:
            found[key] = value
    return found


def _tokens() -> Any:
    """Names, types and defaults that SDKs are made of, without what they say of them."""
    found = schema()
    for token, component in found["resources"].items():
        yield f"{token} requires", component["requiredInputs"]
        for part in ("inputProperties", "properties"):
            yield from ((f"{token} {part} {name}", _shape(spec)) for name, spec in component[part].items())
    for token, spec in found["types"].items():
        yield from ((f"{token} {name}", _shape(inner)) for name, inner in spec.get("properties", {}).items())
        yield from ((f"{token} {value['value']}", value["name"]) for value in spec.get("enum", []))


def _shape(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {key: _shape(value) for key, value in spec.items() if key != "description"}
    return spec


def main() -> int:
    """Exit code 1 where the contract is broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.contract", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    now = json.loads(json.dumps(contract()))
    if parser.parse_args().command == "write":
        RECORD.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
        return 0
    found = breaches(json.loads(RECORD.read_text()), now)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
