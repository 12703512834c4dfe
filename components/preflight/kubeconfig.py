"""Kubeconfigs: reduced to one context, so that no other credentials enter the state, and checked for an answer."""

from __future__ import annotations

import os
import socket
import urllib.parse
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from ..errors import clusters as errors
from ..errors import tagged
from ..errors.verification import API_SERVER_UNREACHABLE
from ..inspection.kubeconfig import parsed
from ..settings.problems import Problem
from .lookup import KnownCluster
from .problems import PreflightError

ANSWER_SECONDS = 5


def reduced_file(kubeconfig: str, context: str, key: str) -> str:
    """Return the kubeconfig at a path, reduced to one context.

    ``~`` and environment variables in the path are expanded. Files that the kubeconfig names become absolute paths.
    Raises PreflightError if the file is missing, is not a kubeconfig, or lacks the context.
    """
    path = Path(os.path.expandvars(kubeconfig)).expanduser()
    config = _read(path, kubeconfig, key)
    try:
        return _reduced(config, context, str(path), path.parent)
    except ValueError as error:
        raise PreflightError(Problem(f"{key}.context", tagged(str(error), errors.CONTEXT_UNUSABLE))) from None


def reduced_to_current(config: Any) -> tuple[str, str]:
    """Return a parsed kubeconfig, reduced to its current context, and the name of that context. Raises ValueError."""
    if not _is_kubeconfig(config):
        raise ValueError("is not a kubeconfig")
    context = config.get("current-context")
    if not isinstance(context, str) or not context:
        raise ValueError("has no current-context: export a kubeconfig that has one")
    try:
        return _reduced(config, context, "it", None), context
    except ValueError as error:
        raise ValueError(f"is incomplete: context {error}") from None


def answers(known: KnownCluster) -> None:
    """Raise PreflightError if the cluster's API server does not accept a connection within 5 seconds."""
    cluster = parsed(known.access.kubeconfig)["clusters"][0]["cluster"]
    if cluster.get("proxy-url"):
        return  # only the proxy can reach the API server
    try:
        server = urllib.parse.urlsplit(str(cluster.get("server") or ""))
        port = server.port or (443 if server.scheme == "https" else 80)
        if not server.hostname:
            raise ValueError
    except ValueError:
        server_text = repr(cluster.get("server"))
        text = f"{server_text} is not the address of an API server ({known.title}): correct it in the kubeconfig"
        raise PreflightError(Problem(known.key, tagged(text, errors.INVALID_SERVER_ADDRESS))) from None
    try:
        socket.create_connection((server.hostname, port), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        text = (
            f"the API server of {known.title}, {cluster['server']}, does not answer ({error.strerror or error}): "
            f"start it or {known.remedy}. Nothing was changed"
        )
        raise PreflightError(Problem(known.key, tagged(text, API_SERVER_UNREACHABLE))) from None


def _reduced(config: dict[str, Any], context: str, where: str, folder: Path | None) -> str:
    """Return one context of a kubeconfig, with paths relative to ``folder`` made absolute. Raises ValueError."""
    contexts = {entry["name"]: entry for entry in config.get("contexts") or []}
    if context not in contexts:
        raise ValueError(
            f"{context!r} is not in {where}: use one of its contexts: {', '.join(sorted(contexts)) or 'it has none'}"
        )
    chosen = contexts[context]
    kept: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": context, "contexts": [chosen]}
    for section, inner in (("clusters", "cluster"), ("users", "user")):
        name = chosen["context"].get(inner)
        entries = [entry for entry in config.get(section) or [] if entry["name"] == name]
        kept[section] = [_absolute(entry, inner, folder) for entry in entries] if folder else entries
        if not entries:
            raise ValueError(
                f"{context!r} in {where} refers to the {inner} {name!r}, which is not among its {section}: add it there"
            )
    return str(yaml.safe_dump(kept, sort_keys=True))


def _read(path: Path, written: str, key: str) -> dict[str, Any]:
    try:
        config = parsed(path.read_text())
    except OSError as error:
        text = (
            f"{written!r} cannot be read ({error.strerror}): name an existing kubeconfig file "
            f"(looked for {path.absolute()})"
        )
        raise PreflightError(Problem(f"{key}.kubeconfig", tagged(text, errors.KUBECONFIG_UNREADABLE))) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        config = None
    if not _is_kubeconfig(config):
        text = f"{path} is not a kubeconfig file: name one that `kubectl config view --kubeconfig` can read"
        raise PreflightError(Problem(f"{key}.kubeconfig", tagged(text, errors.KUBECONFIG_UNREADABLE)))
    return config


def _is_kubeconfig(config: Any) -> TypeGuard[dict[str, Any]]:
    sections = (("contexts", "context"), ("clusters", "cluster"), ("users", "user"))
    return isinstance(config, dict) and all(_are_named(config.get(section), inner) for section, inner in sections)


def _are_named(entries: Any, inner: str) -> bool:
    return isinstance(entries or [], list) and all(
        isinstance(entry, dict) and "name" in entry and isinstance(entry.get(inner), dict) for entry in entries or []
    )


def _absolute(entry: dict[str, Any], inner: str, folder: Path) -> dict[str, Any]:
    """Return an entry whose relative paths are absolute, because its content is used elsewhere."""
    fields = dict(entry[inner])
    for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile"):
        if fields.get(key):
            fields[key] = str((folder / fields[key]).absolute())
    login = fields.get("exec")
    if isinstance(login, dict) and "/" in str(login.get("command", "")):  # kubectl looks for bare names on PATH
        fields["exec"] = {**login, "command": str((folder / login["command"]).absolute())}
    return {**entry, inner: fields}
