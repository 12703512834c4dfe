"""Compares the recorded contract with this tree's: what breaks an upgrade, and what is not recorded yet."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .record import COMMAND, Contract

_EFFECTS = {
    "defaults": "an upgrade changes what runs, where a stack file omits it",
    "package": "programs in other languages do not compile, or mean something else",
    "exports": "Python programs that import it stop working",
    "state": "`pulumi destroy` of a stack that exists cannot load it any more",
}


def breaches(recorded: Contract, now: Contract) -> list[str]:
    """Return every difference that a user would notice after an upgrade, each with its effect."""
    return [*_resources(recorded["children"], now["children"]), *_values(recorded, now)]


def unrecorded(recorded: Contract, now: Contract) -> list[str]:
    """Return everything that is new, breaks nothing, and must be recorded so that it cannot change unnoticed later."""
    return [
        f"{part}: {key} is not recorded yet: run {COMMAND}"
        for part, entries in now.items()
        for key in entries
        if key not in recorded.get(part, {})
    ]


def _resources(recorded: dict[str, dict[str, object]], now: dict[str, dict[str, object]]) -> Iterator[str]:
    for where, before in recorded.items():
        after = now.get(where, {})
        for child, fixed in before.items():
            if child not in after:
                yield f"{where}: {child} is gone: an upgrade deletes it, or replaces it if it has another name now"
            elif after[child] != fixed:
                yield f"{where}: {child} was {fixed} and is {after[child]}: an upgrade replaces it"
        for child in after:
            if child not in before:
                yield f"{where}: {child} is new, and these settings did not ask for it"


def _values(recorded: Contract, now: Contract) -> Iterator[str]:
    for part, effect in _EFFECTS.items():
        for key, value in recorded.get(part, {}).items():
            if key not in now[part]:
                yield f"{key} is gone: {effect}"
            elif now[part][key] != value:
                yield f"{key} was {json.dumps(value)} and is {json.dumps(now[part][key])}: {effect}"
