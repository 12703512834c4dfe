"""Convert environment variables: plain values to `environment`, everything else in Kubernetes' own words."""

from __future__ import annotations

import re
from typing import Any

from components.settings.expansion import references
from ops.convert.notes import Notes
from ops.convert.objects import entries

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$", re.IGNORECASE)
_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@")
_NO_SECRET = {"", "true", "false", "yes", "no", "0", "1", "none", "null"}


def environment(container: dict[str, Any], path: str, notes: Notes) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the plain variables, and those that stay in Kubernetes' words.

    The plain ones are in a ConfigMap of the stack. Kubernetes expands `$(NAME)` among the others only, and sources of
    `envFrom` take precedence over that ConfigMap, so a variable that depends on either stays where it is.
    """
    variables = _unique(container, path, notes)
    dependent = _dependent(variables) if not container.get("envFrom") else set(variables)
    plain, kept = {}, []
    for name, variable in variables.items():
        value = variable.get("value", "")
        if "valueFrom" in variable or name in dependent or not _NAME.fullmatch(name):
            kept.append(variable)
        else:
            plain[name] = value
    return plain, kept


def without_secrets(container: dict[str, Any], workload: str, where: str, path: str, notes: Notes) -> dict[str, Any]:
    """Return a container whose plain-text secrets are references to a Secret. ``where``: the key of its setting."""
    variables = []
    for number, variable in enumerate(entries(container.get("env"))):
        name, value = str(variable.get("name")), str(variable.get("value", ""))
        if not _is_secret(name, value):
            variables.append(variable)
            continue
        secret = f"{workload}-secrets"
        variables.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": name}}})
        notes.ask(
            f"{where}.env[{number}]" if where.endswith("]") else where,
            f"{name} looks like a secret, and its value is left out. Create Secret {secret} with the key {name}, or "
            "move it to generatedSecrets.",
        )
        notes.changed(
            "Deployment",
            f"{path}.env[{name}]",
            f"{name} looks like a secret in plain text: the pods read key {name} of Secret {secret}, which you create",
            "no secret value is in a stack file, in the state or in a rendered manifest",
        )
    return {**container, "env": variables} if "env" in container else container


def _unique(container: dict[str, Any], path: str, notes: Notes) -> dict[str, dict[str, Any]]:
    variables: dict[str, dict[str, Any]] = {}
    for variable in entries(container.get("env")):
        name = str(variable.get("name"))
        if name in variables:
            variables.pop(name)
            notes.changed(
                "Deployment", f"{path}.env[{name}]", "is listed twice: the last value holds, as in Kubernetes"
            )
        variables[name] = variable
    return variables


def _dependent(variables: dict[str, dict[str, Any]]) -> set[str]:
    """Return the variables that refer to others by `$(NAME)`, and those that they refer to."""
    found = set()
    for name, variable in variables.items():
        value = variable.get("value", "")
        if "$(" in value or "$$" in value:
            found |= {name, *references(value)}
    return found & set(variables)


def _is_secret(name: str, value: str) -> bool:
    if value.lower() in _NO_SECRET or "$(" in value:
        return False
    path = value.startswith("/") and _SECRET.search(name) is not None
    return bool((_SECRET.search(name) and not path) or _WITH_PASSWORD.search(value))
