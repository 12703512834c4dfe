"""Before anything is made on somebody else's cluster: the kubeconfig, its context, and an API server that answers."""

from __future__ import annotations

import os
import socket
import urllib.parse
from pathlib import Path
from typing import Any

import yaml

from preflight.problems import PreflightError
from settings import ExistingCluster

ANSWER_SECONDS = 5


def access(settings: ExistingCluster) -> str:
    """The kubeconfig reduced to the one context that the settings name, so that no other credentials enter the state.

    Raises PreflightError when the file is missing, is no kubeconfig, or has no such context.
    """
    path = Path(os.path.expandvars(settings.kubeconfig)).expanduser()
    config = _read(path, settings.kubeconfig)
    contexts = {entry["name"]: entry for entry in config.get("contexts") or []}
    if settings.context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise PreflightError(f"ha-backend:cluster.context: {settings.context!r} is not in {path}; contexts there: {known}")
    chosen = contexts[settings.context]
    kept: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": settings.context, "contexts": [chosen]}
    for section, inner in (("clusters", "cluster"), ("users", "user")):
        name = chosen["context"].get(inner)
        kept[section] = [_absolute(entry, inner, path.parent) for entry in config.get(section) or [] if entry["name"] == name]
        if not kept[section]:
            raise PreflightError(f"ha-backend:cluster.context: {settings.context!r} in {path} names the {inner} {name!r}, "
                                 f"which is not among its {section}")
    return str(yaml.safe_dump(kept, sort_keys=True))


def check(settings: ExistingCluster) -> None:
    """Raises PreflightError when the API server does not accept a connection within 5 seconds."""
    cluster = yaml.safe_load(access(settings))["clusters"][0]["cluster"]
    if cluster.get("proxy-url"):
        return  # the way there is the proxy's business
    try:
        server = urllib.parse.urlsplit(str(cluster.get("server") or ""))
        port = server.port or (443 if server.scheme == "https" else 80)
        if not server.hostname:
            raise ValueError
    except ValueError:
        raise PreflightError(f"ha-backend:cluster: the address of context {settings.context!r}, {cluster.get('server')!r}, is "
                             "not one: correct it in the kubeconfig") from None
    try:
        socket.create_connection((server.hostname, port), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        raise PreflightError(
            f"ha-backend:cluster: the API server of context {settings.context!r}, {cluster['server']}, does not answer "
            f"({error.strerror or error}): start it or correct the context. Nothing was changed.") from None


def _read(path: Path, given: str) -> dict[str, Any]:
    try:
        config = yaml.safe_load(path.read_text())
    except OSError as error:
        raise PreflightError(f"ha-backend:cluster.kubeconfig: {given!r} cannot be read ({error.strerror}): name an existing "
                             f"kubeconfig file (looked for {path.absolute()})") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        config = None
    sections = (("contexts", "context"), ("clusters", "cluster"), ("users", "user"))
    if not isinstance(config, dict) or not all(_named(config.get(section), inner) for section, inner in sections):
        raise PreflightError(f"ha-backend:cluster.kubeconfig: {path} is not a kubeconfig file")
    return config


def _named(entries: Any, inner: str) -> bool:
    return isinstance(entries or [], list) and all(
        isinstance(entry, dict) and "name" in entry and isinstance(entry.get(inner), dict) for entry in entries or [])


def _absolute(entry: dict[str, Any], inner: str, folder: Path) -> dict[str, Any]:
    """Files named relative to the kubeconfig are still found when its content is used elsewhere."""
    fields = dict(entry[inner])
    for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile"):
        if fields.get(key):
            fields[key] = str((folder / fields[key]).absolute())
    login = fields.get("exec")
    if isinstance(login, dict) and "/" in str(login.get("command", "")):  # kubectl finds bare names on PATH
        fields["exec"] = {**login, "command": str((folder / login["command"]).absolute())}
    return {**entry, inner: fields}
