"""Checks a stack with several clusters: each as a stack of its own, then all of them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ..errors import clusters as errors
from ..errors import settings as setting_errors
from ..errors import tagged
from . import problems, validation_errors
from .backend import BackendSettings
from .conflict import Conflict
from .placements import MAY_DIFFER, SAME, merged
from .problems import Problem
from .stack import Settings

# A rule over the backends on all clusters, by the key of their placement.
Together = Callable[[Mapping[str, BackendSettings]], Iterable[tuple[str, Conflict]]]
# The check of a stack with one cluster: its settings if they are valid, and its problems. Keys are relative to the
# project.
One = Callable[[dict[str, Any]], tuple[Settings | None, list[Problem]]]
_OWN_KEYS = ("cluster", "placements", "balancer")
_VALID_CLUSTER = {"kind": "local"}  # stands in while other settings are checked
_VALID_BACKEND = {"image": "placeholder:0"}


def checked(values: dict[str, Any], one: One, together: Together) -> tuple[Settings | None, list[Problem]]:
    """Return the settings, or every problem with them."""
    listed: list[Any] = values["placements"] if isinstance(values["placements"], list) else []
    titles = _titles(listed)
    found = [_retitled(problem, titles) for problem in (*_frame(values, listed), *_name_problems(listed))]
    common = {key: value for key, value in values.items() if key not in _OWN_KEYS}
    valid: dict[str, Settings] = {}
    by_title: dict[str, list[Problem]] = {}
    overrides: dict[str, dict[str, Any]] = {}
    for title, placement in zip(titles, listed, strict=True):
        if not isinstance(placement, dict):
            continue
        part = placement.get("backend")
        overrides[title] = part if isinstance(part, dict) else {}
        found += _override_problems(title, overrides[title])
        alone = {**common, **_alone(placement, common.get("backend"), overrides[title])}
        settings, by_title[title] = one(alone)
        if settings and not by_title[title]:
            valid[title] = settings
    if not listed:
        _, alone_problems = one({**common, "cluster": _VALID_CLUSTER})
        by_title[""] = [problem for problem in alone_problems if not problem.key.startswith("cluster")]
        overrides[""] = {}
    elif len(valid) == len(listed) > 1:
        for title, conflict in together({title: settings.backend for title, settings in valid.items()}):
            text = f"{problems.shown(conflict.value)} {conflict.message}"
            by_title[title].append(Problem(f"backend.{conflict.key}", text))
        found += _shared_clusters(valid)
    found += _located(by_title, overrides)
    return (None, found) if found else (Settings.model_validate(values), [])


def _alone(placement: dict[str, Any], common: Any, override: dict[str, Any]) -> dict[str, Any]:
    """Return cluster and backend as they would be in a stack with this cluster alone."""
    differing = {key: value for key, value in override.items() if key not in SAME}
    full = {"cluster": placement.get("cluster")}
    if common is not None:
        full["backend"] = merged(common, differing) if isinstance(common, dict) else common
    return full


def _override_problems(title: str, override: Mapping[str, Any]) -> Iterator[Problem]:
    for key in override:
        if key in SAME:
            text = tagged(
                "cannot differ between clusters: set it in `backend`, for all of them", errors.PLACEMENT_OVERRIDE
            )
            yield Problem(f"{title}.backend.{key}", text)


def _frame(values: dict[str, Any], listed: list[Any]) -> Iterator[Problem]:
    """Yield the problems outside clusters and backends."""
    if values.get("cluster") is not None:
        text = (
            "cannot be set next to `placements`, which list every cluster: omit it, and list its cluster there, with "
            "adoptedFromCluster: true if this stack already runs on it"
        )
        yield Problem("cluster", tagged(text, errors.CLUSTER_WITH_PLACEMENTS))
    if values.get("balancer") is None:
        text = f"is required. {Settings.model_fields['balancer'].description}"
        yield Problem("balancer", tagged(text, setting_errors.MISSING_SETTING), True)
    frame = {key: value for key, value in values.items() if key in ("placements", "balancer")}
    if listed:
        frame["placements"] = [
            {
                **placement,
                "cluster": _VALID_CLUSTER,
                "backend": {} if isinstance(placement.get("backend"), dict) else placement.get("backend", {}),
            }
            if isinstance(placement, dict)
            else placement
            for placement in listed
        ]
    try:
        Settings.model_validate({**frame, "backend": _VALID_BACKEND})
    except ValidationError as error:
        yield from validation_errors.describe(error, Settings)


def _name_problems(listed: list[Any]) -> Iterator[Problem]:
    names = [placement.get("name") if isinstance(placement, dict) else None for placement in listed]
    adopted = [
        number
        for number, placement in enumerate(listed)
        if isinstance(placement, dict) and placement.get("adoptedFromCluster") is True
    ]
    for number, name in enumerate(names):
        if name is not None and name in names[:number]:
            text = f"{problems.shown(name)} is also the name of placements[{names.index(name)}]: choose another name"
            yield Problem(f"placements[{number}].name", tagged(text, setting_errors.DUPLICATE_ENTRY))
        if number in adopted[1:]:
            text = (
                f"is also true for placements[{adopted[0]}], and the stack had one `cluster`: keep it for the "
                "placement that was that cluster"
            )
            yield Problem(f"placements[{number}].adoptedFromCluster", tagged(text, errors.ADOPTED_TWICE))


def _shared_clusters(valid: Mapping[str, Settings]) -> Iterator[Problem]:
    """Yield the placements on the cluster of another placement: both would be lost together."""
    seen: dict[tuple[str, object], str] = {}
    for title, settings in valid.items():
        for key, identity in settings.cluster.identities() if settings.cluster else ():
            before = seen.setdefault((key, identity), title)
            if before != title:
                text = f"is the same as in {before}: name another cluster, or another {key}"
                yield Problem(f"{title}.cluster.{key}", tagged(text, errors.SAME_CLUSTER_TWICE))


def _titles(listed: list[Any]) -> list[str]:
    """Return the key of each placement in messages: with its name, if that is valid and unique."""
    names = [placement.get("name") if isinstance(placement, dict) else None for placement in listed]
    return [
        f"placements.{name}"
        if isinstance(name, str) and re.fullmatch("[a-z][-a-z0-9]*", name) and names.count(name) == 1
        else f"placements[{number}]"
        for number, name in enumerate(names)
    ]


def _retitled(problem: Problem, titles: list[str]) -> Problem:
    match = re.match(r"placements\[(\d+)\]", problem.key)
    if not match:
        return problem
    return Problem(titles[int(match[1])] + problem.key[match.end() :], problem.text, problem.missing)


def _located(by_title: Mapping[str, list[Problem]], overrides: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    """Yield each problem with the key to change, and a problem of every cluster once."""
    shared: list[Problem] = []
    for title, found in by_title.items():
        for problem in found:
            first, _, rest = problem.key.partition(".")
            if first == "cluster" or (first == "backend" and rest and _overridden(rest, overrides[title])):
                yield Problem(f"{title}.{problem.key}", problem.text, problem.missing)
            elif all(problem in others for others in by_title.values()):
                shared += [] if problem in shared else [problem]
            elif re.split(r"[.\[]", rest)[0] in MAY_DIFFER:
                yield Problem(f"{title}.{problem.key}", problem.text, problem.missing)
            else:
                yield Problem(problem.key, f"(on {title.removeprefix('placements.')}) {problem.text}")
    yield from shared


def _overridden(key: str, override: Any) -> bool:
    """Return whether a placement sets the key itself."""
    for step in re.split(r"[.\[]", key):
        if not isinstance(override, dict):
            return True  # a single value, or a list as a whole
        if step not in override:
            return False
        override = override[step]
    return True
