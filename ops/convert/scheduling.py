"""Convert how pods are scheduled: what would keep them pending or on lost nodes becomes a preference."""

from __future__ import annotations

from typing import Any

from components.settings.well_known import ZONE_LABEL
from ops.convert.notes import Notes
from ops.convert.objects import entries

_PATH = "spec.template.spec"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NOT_READY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SPREAD = (ZONE_LABEL, "kubernetes.io/hostname")
_RECOVERY = "a lost pod is replaced on any node that accepts it"


def affinity(stated: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return the affinity, with required rules about other pods as preferred ones."""
    result = dict(stated)
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = stated.get(kind) or {}
        if _REQUIRED in rules:
            preferred = [{"weight": 100, "podAffinityTerm": term} for term in entries(rules[_REQUIRED])]
            result[kind] = {_PREFERRED: [*(rules.get(_PREFERRED) or []), *preferred]}
            notes.changed(
                "Deployment",
                f"{_PATH}.affinity.{kind}",
                "a required rule is a preferred one: pods would stay pending in a rollout or after a failure",
                _RECOVERY,
            )
    return {"affinity": result} if result else {}


def spread(stated: list[dict[str, Any]], notes: Notes) -> dict[str, Any]:
    """Return the constraints over other domains than nodes and zones, which the component spreads over."""
    result = []
    for number, one in enumerate(entries(stated)):
        path = f"{_PATH}.topologySpreadConstraints[{number}]"
        if one.get("topologyKey") in _SPREAD:
            notes.changed(
                "Deployment",
                path,
                f"the spread over {one['topologyKey']} is the component's own (placement.spread)",
                "pods of one release are spread over nodes and zones",
            )
            continue
        kept = {key: value for key, value in one.items() if key != "minDomains"}
        if one.get("whenUnsatisfiable") != "ScheduleAnyway":
            kept["whenUnsatisfiable"] = "ScheduleAnyway"
            notes.changed("Deployment", path, "DoNotSchedule becomes ScheduleAnyway", _RECOVERY)
        result.append(kept)
    return {"topologySpreadConstraints": result} if result else {}


def tolerations(stated: list[dict[str, Any]], notes: Notes) -> tuple[list[dict[str, Any]], int | None]:
    """Return the tolerations of taints of one's own, and the seconds that pods stay on a lost node."""
    kept, seconds = [], []
    for number, one in enumerate(entries(stated)):
        path, key = f"{_PATH}.tolerations[{number}]", str(one.get("key") or "")
        if key in _NOT_READY:
            if isinstance(one.get("tolerationSeconds"), int):
                seconds.append(one["tolerationSeconds"])
            notes.changed(
                "Deployment", path, f"{key} is tolerated for placement.tolerationSeconds", "a lost pod is replaced soon"
            )
        elif not key or key.startswith("node.kubernetes.io/"):
            what = key or "every taint"
            text = f"{what} is not tolerated: pods would stay on lost nodes and return to drained ones"
            notes.changed("Deployment", path, text, _RECOVERY)
        else:
            kept.append(one)
    return kept, min(seconds, default=None)
