"""Validate the settings of a converted workload, and make the one obvious change for each rejection that has one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from components.errors import overrides
from components.errors.catalogue import CHAPTERS, kinds
from components.settings import SettingsError
from components.settings.problems import Problem
from components.validation import validated_stack
from ops.convert import errors, paths
from ops.convert.notes import Notes

CLUSTER = {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "TODO"}
_PREFIX = "ha-backend:backend."
_ID = re.compile(r" \[([a-z-]+)\]$")
_ROUNDS = 20
_INIT_SECONDS = 60
Settings = dict[str, Any]
_Fix = Callable[[Settings, str, str, Notes], str | None]


def repaired(settings: Settings, notes: Notes) -> bool:
    """Change settings until the validation accepts them. Return whether it does; note every change and its reason."""
    for _ in range(_ROUNDS):
        problems = rejections(settings)
        if not problems:
            return True
        changed = False
        for key, text, kind in problems:
            fix = _FIXES.get(kind)
            if fix and (what := fix(settings, key, text, notes)):
                notes.changed("Settings", key, f"{what}. Rejected was: {text} [{kind}]", _promise(kind))
                changed = True
        if not changed:
            break
    for key, text, kind in rejections(settings):
        if kind == overrides.READINESS_PROBE_MISSING.id:
            continue  # noted with the probes
        notes.impossible("Settings", key, f"{text} [{kind}]", errors.SETTINGS_REJECTED)
    return False


def rejections(settings: Settings) -> list[tuple[str, str, str]]:
    """Return every rejection of the settings: its key, its text and the id of its kind."""
    config = {"ha-backend:cluster": json.dumps(CLUSTER), "ha-backend:backend": json.dumps(settings)}
    try:
        validated_stack(config)
    except SettingsError as error:
        return [each for problem in error.problems for each in _split(problem)]
    return []


def _promise(kind: str) -> str:
    """Return what a kind of rejection protects: the first sentence of its entry in the reference."""
    meanings = (each.meaning for _, module in CHAPTERS for each in kinds(module) if each.id == kind)
    return next(meanings, "").partition(". ")[0].rstrip(".")


def _split(problem: Problem) -> list[tuple[str, str, str]]:
    """Return the problems of one key, which are joined in one line."""
    key = problem.key.removeprefix(_PREFIX)
    found = []
    for part in re.split(r"(?<=[a-z]\]); ", problem.text):
        match = _ID.search(part)
        found.append((key, _ID.sub("", part), match[1] if match else ""))
    return found


def _number(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    """Set a value to the number that the message names."""
    match = re.search(r"(?:raise|lower) it to (\d+)", text)
    if not match:
        return None
    paths.put(settings, key, int(match[1]))
    return f"{key} is {match[1]}"


def _replicas(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    notes.ask("replicas", f"It was {settings.get('replicas')}. Check that several pods may run at the same time.")
    return _number(settings, "replicas", text, notes)


def _maximum(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    most = settings["replicas"] + 1
    if settings["autoscaling"].get("maxReplicas") == most:
        return None
    settings["autoscaling"]["maxReplicas"] = most
    return f"autoscaling.maxReplicas is {most}"


def _budget(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    if key.startswith("overrides"):
        match = re.search(r"lower maxUnavailable to (\d+)", text)
        if not match:
            return None
        paths.put(settings, f"{key}.maxUnavailable", int(match[1]))
        return f"maxUnavailable is {match[1]}"
    match = re.search(r"(?:lower it to|set maxUnavailable to) (\d+)", text)
    most = int(match[1]) if match else 1
    settings["disruptionBudget"] = {"maxUnavailable": most}
    return f"disruptionBudget.maxUnavailable is {most}"


def _liveness(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    match = re.search(r"readiness takes (\d+) s", text)
    probe = paths.get(settings, key.rpartition(".")[0])
    if not match or not isinstance(probe, dict):
        return None
    period, timeout = probe.get("periodSeconds") or 10, probe.get("timeoutSeconds") or 1
    failures = max(1, (int(match[1]) - timeout) // period + 1)
    paths.put(settings, key, max(failures, (probe.get("failureThreshold") or 3) + 1))
    return f"{key} is {paths.get(settings, key)}"


def _deadline(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    numbers = [int(each) for each in re.findall(r"\((\d+)\)|\+ (\d+) for", text) for each in each if each]
    seconds = sum(numbers) + 60
    paths.put(settings, key, seconds)
    return f"{key} is {seconds}"


def _seconds(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    paths.put(settings, "health.initSeconds", _INIT_SECONDS)
    notes.ask("health.initSeconds", "Kubernetes does not limit init containers. Set what yours may take together.")
    return f"health.initSeconds is {_INIT_SECONDS}, a placeholder"


def _omit(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    """Remove a value if the message says so, and what the Service or an autoscaler cannot have in any case."""
    if ("omit it" not in text and not key.startswith("overrides.")) or not paths.remove(settings, key):
        return None
    return f"{key} is omitted"


def _remove(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    return f"{key} is omitted" if paths.remove(settings, key) else None


def _host_port(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    """Remove a port of the node: the Service leads to the same port of the pod."""
    return _omit(settings, key, text, notes) if key.endswith((".hostPort", ".hostIP")) else None


def _share(settings: Settings, key: str, text: str, notes: Notes) -> str | None:
    """Bring a number into the bounds that the message names."""
    value = paths.get(settings, key)
    if key.startswith("resources.") and (match := re.search(r"must be at least (\w+)", text)):
        paths.put(settings, key, match[1])
        return f"{key} is {match[1]}"
    for pattern, compare in ((r"at least (\d+)", max), (r"at most (\d+)", min)):
        match = re.search(pattern, text)
        if match and isinstance(value, int) and compare(value, int(match[1])) != value:
            paths.put(settings, key, compare(value, int(match[1])))
            return f"{key} is {match[1]}"
    return None


_FIXES: dict[str, _Fix] = {
    "replicas-too-few": _replicas,
    "autoscaler-cannot-scale": _maximum,
    "utilization-too-high": _number,
    "disruption-budget-too-large": _budget,
    "budget-blocks-drains": _budget,
    "shared-probe-path": _liveness,
    "progress-deadline-too-short": _deadline,
    "init-seconds-missing": _seconds,
    "priority-class-reserved": _remove,
    "pod-security": _host_port,
    "blocks-eviction": _omit,
    "setting-without-effect": _omit,
    "container-ends-too-early": _omit,
    "unsupported-field": _omit,
    "managed-field": _omit,
    "reserved-label": _omit,
    "out-of-range": _share,
    "tolerates-node-condition": _omit,
    "field-dropped": _omit,
}
