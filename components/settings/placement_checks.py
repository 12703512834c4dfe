"""Checks a stack with several clusters: each as if its settings were written in full, then all of them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from . import problems, validation_errors
from .backend import BackendSettings
from .conflict import Conflict
from .placements import MAY_DIFFER, SAME, merged
from .problems import Problem
from .stack import Settings

# What a rule says of the backends on all clusters, by the names of these.
Together = Callable[[Mapping[str, BackendSettings]], Iterable[tuple[str, Conflict]]]
# The check of a stack with one cluster: its settings where there are any, and what is wrong; keys are relative to the project.
One = Callable[[dict[str, Any]], tuple[Settings | None, list[Problem]]]
_OURS = ("cluster", "placements", "balancer")
_CLUSTER = {"kind": "local"}  # stands in where clusters are looked at by themselves, and the image likewise
_BACKEND = {"image": "placeholder:0"}


def checked(values: dict[str, Any], one: One, together: Together) -> tuple[Settings | None, list[Problem]]:
    """The settings, or everything that is wrong with them."""
    given = values["placements"]
    listed: list[Any] = given if isinstance(given, list) else []
    titles = _titles(listed)
    found = [_renamed(problem, titles) for problem in (*_frame(values, listed), *_named(listed))]
    common = {key: value for key, value in values.items() if key not in _OURS}
    sites: dict[str, Settings] = {}
    told: dict[str, list[Problem]] = {}
    overrides: dict[str, dict[str, Any]] = {}
    for title, placement in zip(titles, listed, strict=True):
        if not isinstance(placement, dict):
            continue
        part = placement.get("backend")
        override = overrides[title] = part if isinstance(part, dict) else {}
        found += [
            Problem(
                f"{title}.backend.{key}", "cannot differ from cluster to cluster: say it in `backend`, for all of them"
            )
            for key in override
            if key in SAME
        ]
        settings, told[title] = one({**common, **_in_full(placement, common.get("backend"), override)})
        if settings and not told[title]:
            sites[title] = settings
    if not listed:
        told[""] = [
            problem for problem in one({**common, "cluster": _CLUSTER})[1] if not problem.key.startswith("cluster")
        ]
        overrides[""] = {}
    elif len(sites) == len(listed) > 1:
        for title, conflict in together({title: settings.backend for title, settings in sites.items()}):
            told[title].append(
                Problem(f"backend.{conflict.key}", f"{problems.shown(conflict.value)} {conflict.message}")
            )
        found += _same_cluster(sites)
    found += _placed(told, overrides)
    return (None, found) if found else (Settings.model_validate(values), [])


def _in_full(placement: dict[str, Any], common: Any, override: dict[str, Any]) -> dict[str, Any]:
    """What a stack on that cluster alone would say."""
    differing = {key: value for key, value in override.items() if key not in SAME}
    full = {"cluster": placement.get("cluster")}
    if common is not None:
        full["backend"] = merged(common, differing) if isinstance(common, dict) else common
    return full


def _frame(values: dict[str, Any], listed: list[Any]) -> Iterator[Problem]:
    """All but clusters and backends."""
    if values.get("cluster") is not None:
        yield Problem(
            "cluster",
            "cannot be beside `placements`, which name all clusters: leave it out, and name its cluster "
            "among them, with adoptedFromCluster: true where this stack runs there already",
        )
    if values.get("balancer") is None:
        yield Problem("balancer", "missing. " + str(Settings.model_fields["balancer"].description), True)
    frame = {key: value for key, value in values.items() if key in ("placements", "balancer")}
    if listed:
        frame["placements"] = [
            {
                **one,
                "cluster": _CLUSTER,
                "backend": {} if isinstance(one.get("backend"), dict) else one.get("backend", {}),
            }
            if isinstance(one, dict)
            else one
            for one in listed
        ]
    try:
        Settings.model_validate({**frame, "backend": _BACKEND})
    except ValidationError as error:
        yield from validation_errors.describe(error, Settings)


def _named(listed: list[Any]) -> Iterator[Problem]:
    names = [one.get("name") if isinstance(one, dict) else None for one in listed]
    was = [
        number for number, one in enumerate(listed) if isinstance(one, dict) and one.get("adoptedFromCluster") is True
    ]
    for number, name in enumerate(names):
        if name is not None and name in names[:number]:
            yield Problem(
                f"placements[{number}].name",
                f"{problems.shown(name)} is the name of placements[{names.index(name)}] too: choose another",
            )
        if number in was[1:]:
            yield Problem(
                f"placements[{number}].adoptedFromCluster",
                f"is true of placements[{was[0]}] too, and `cluster` was one: leave it with the one that it was",
            )


def _same_cluster(sites: Mapping[str, Settings]) -> Iterator[Problem]:
    """One cluster cannot be lost and be left."""
    seen: dict[tuple[str, object], str] = {}
    for title, settings in sites.items():
        cluster = settings.cluster
        for key, identity in cluster.identities() if cluster else ():
            before = seen.setdefault((key, identity), title)
            if before != title:
                yield Problem(
                    f"{title}.cluster.{key}", f"is that of {before} too: name another cluster, or another {key}"
                )


def _titles(listed: list[Any]) -> list[str]:
    """What each is called in messages: by its name, where that is one and no other's."""
    names = [one.get("name") if isinstance(one, dict) else None for one in listed]
    return [
        f"placements.{name}"
        if isinstance(name, str) and re.fullmatch("[a-z][-a-z0-9]*", name) and names.count(name) == 1
        else f"placements[{number}]"
        for number, name in enumerate(names)
    ]


def _renamed(problem: Problem, titles: list[str]) -> Problem:
    at = re.match(r"placements\[(\d+)\]", problem.key)
    return Problem(titles[int(at[1])] + problem.key[at.end() :], problem.text, problem.missing) if at else problem


def _placed(told: Mapping[str, list[Problem]], overrides: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    """Each problem at the place where it is to be put right; what is said of every cluster, once."""
    shared: list[Problem] = []
    for title, found in told.items():
        for problem in found:
            first, _, rest = problem.key.partition(".")
            if first == "cluster" or (first == "backend" and rest and _touched(rest, overrides[title])):
                yield Problem(f"{title}.{problem.key}", problem.text, problem.missing)
            elif all(problem in others for others in told.values()):
                shared += [] if problem in shared else [problem]
            elif re.split(r"[.\[]", rest)[0] in MAY_DIFFER:
                yield Problem(f"{title}.{problem.key}", problem.text, problem.missing)
            else:
                yield Problem(problem.key, f"{problem.text} (on {title.removeprefix('placements.')})")
    yield from shared


def _touched(key: str, override: Any) -> bool:
    """Whether what is wrong is among what a placement says itself."""
    for step in re.split(r"[.\[]", key):
        if not isinstance(override, dict):
            return True  # a value that was given, or a list as a whole
        if step not in override:
            return False
        override = override[step]
    return True
