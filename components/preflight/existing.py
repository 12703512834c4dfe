"""Before anything is made on somebody else's cluster: the kubeconfig, its context, and an API server that answers."""

from __future__ import annotations

import os
import socket
import urllib.parse
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from ..inspection.kubeconfig import parsed
from ..settings import ExistingCluster
from ..settings.cluster_api import Management
from .problems import PreflightError

ANSWER_SECONDS = 5
KEY = "ha-backend:cluster"


def access(settings: ExistingCluster | Management, key: str = KEY) -> str:
    """The kubeconfig reduced to the one context that the settings name, so that no other credentials enter the state.

    Raises PreflightError when the file is missing, is no kubeconfig, or has no such context.
    """
    path = Path(os.path.expandvars(settings.kubeconfig)).expanduser()
    config = _read(path, settings.kubeconfig, key)
    try:
        return _reduced(config, settings.context, str(path), path.parent)
    except ValueError as error:
        raise PreflightError(f"{key}.context: {error}") from None


def current(config: Any) -> tuple[str, str]:
    """The same of a kubeconfig that is no file, for its current context, and that context. Raises ValueError."""
    if not _is_kubeconfig(config):
        raise ValueError("is not a kubeconfig")
    context = config.get("current-context")
    if not isinstance(context, str) or not context:
        raise ValueError("names no current-context, and right would be a kubeconfig that does")
    try:
        return _reduced(config, context, "it", None), context
    except ValueError as error:
        raise ValueError(f"is not whole: context {error}") from None


def check(settings: ExistingCluster) -> None:
    """Raises PreflightError when the API server does not accept a connection within 5 seconds."""
    answers(access(settings), KEY, f"context {settings.context!r}", "correct the context")


def answers(kubeconfig: str, key: str, title: str, remedy: str) -> None:
    """The same for a kubeconfig with one context; ``title`` is what messages call it, ``remedy`` what may help."""
    cluster = parsed(kubeconfig)["clusters"][0]["cluster"]
    if cluster.get("proxy-url"):
        return  # the way there is the proxy's business
    try:
        server = urllib.parse.urlsplit(str(cluster.get("server") or ""))
        port = server.port or (443 if server.scheme == "https" else 80)
        if not server.hostname:
            raise ValueError
    except ValueError:
        raise PreflightError(
            f"{key}: the address of {title}, {cluster.get('server')!r}, is not one: correct it in the kubeconfig"
        ) from None
    try:
        socket.create_connection((server.hostname, port), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        raise PreflightError(
            f"{key}: the API server of {title}, {cluster['server']}, does not answer "
            f"({error.strerror or error}): start it or {remedy}. Nothing was changed."
        ) from None


def _reduced(config: dict[str, Any], context: str, where: str, folder: Path | None) -> str:
    """Raises ValueError, in which the kubeconfig is called ``where``. Files that it names are relative to ``folder``."""
    contexts = {entry["name"]: entry for entry in config.get("contexts") or []}
    if context not in contexts:
        raise ValueError(f"{context!r} is not in {where}; contexts there: {', '.join(sorted(contexts)) or 'none'}")
    chosen = contexts[context]
    kept: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": context, "contexts": [chosen]}
    for section, inner in (("clusters", "cluster"), ("users", "user")):
        name = chosen["context"].get(inner)
        found = [entry for entry in config.get(section) or [] if entry["name"] == name]
        kept[section] = [_absolute(entry, inner, folder) for entry in found] if folder else found
        if not found:
            raise ValueError(f"{context!r} in {where} names the {inner} {name!r}, which is not among its {section}")
    return str(yaml.safe_dump(kept, sort_keys=True))


def _read(path: Path, given: str, key: str) -> dict[str, Any]:
    try:
        config = parsed(path.read_text())
    except OSError as error:
        raise PreflightError(
            f"{key}.kubeconfig: {given!r} cannot be read ({error.strerror}): name an existing "
            f"kubeconfig file (looked for {path.absolute()})"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        config = None
    if not _is_kubeconfig(config):
        raise PreflightError(f"{key}.kubeconfig: {path} is not a kubeconfig file")
    return config


def _is_kubeconfig(config: Any) -> TypeGuard[dict[str, Any]]:
    sections = (("contexts", "context"), ("clusters", "cluster"), ("users", "user"))
    return isinstance(config, dict) and all(_named(config.get(section), inner) for section, inner in sections)


def _named(entries: Any, inner: str) -> bool:
    return isinstance(entries or [], list) and all(
        isinstance(entry, dict) and "name" in entry and isinstance(entry.get(inner), dict) for entry in entries or []
    )


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
