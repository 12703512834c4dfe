"""Detect the pull request of a CI run from the variables of GitHub Actions or GitLab CI."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops.errors import UserError
from ops.review.errors import CI_VARIABLE_INVALID, NOT_IN_CI
from ops.review.publish.comment import Thread
from ops.review.publish.github import GitHub
from ops.review.publish.gitlab import GitLab


class CiContextError(UserError):
    """There is no pull request to comment on; the text names every variable that is wrong, and a valid value."""


@dataclass(frozen=True)
class CiContext:
    """The pull request's comments, the commit that was previewed, and the address of the CI run."""

    thread: Thread
    commit: str
    run: str


def detect(variables: Mapping[str, str], number: int | None, author: str | None) -> CiContext:
    """Return the context that the variables describe. ``number`` and ``author`` override it. Raises CiContextError."""
    if variables.get("GITLAB_CI"):
        return _gitlab(variables, number)
    if variables.get("GITHUB_ACTIONS") or variables.get("GITHUB_TOKEN"):
        return _github(variables, number, author)
    raise CiContextError(
        "This is neither a run of GitHub Actions (GITHUB_ACTIONS is unset) nor of GitLab CI (GITLAB_CI is unset), "
        "so there is no pull request to comment on. `make review` prints the same review.",
        NOT_IN_CI,
    )


def _github(variables: Mapping[str, str], number: int | None, author: str | None) -> CiContext:
    request = _event(variables.get("GITHUB_EVENT_PATH", "")).get("pull_request") or {}
    values = {
        "GITHUB_API_URL": "https://api.github.com",
        **variables,
        "--number": str(number or request.get("number") or ""),
    }
    address, token, repository, iid = _checked(
        values,
        {
            "GITHUB_API_URL": _ADDRESS,
            "GITHUB_TOKEN": _TOKEN,
            "GITHUB_REPOSITORY": (r"[\w-]+/(?!\.\.?$)[\w.-]+", "OWNER/NAME"),
            "--number": (
                r"[1-9]\d*",
                "the number of a pull request, or omit it to use the event in GITHUB_EVENT_PATH",
            ),
        },
    )
    server, run = (variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_RUN_ID"))
    return CiContext(
        GitHub(address, token, repository, int(iid), author),
        str((request.get("head") or {}).get("sha") or ""),
        f"{server}/{repository}/actions/runs/{run}" if server and run else "",
    )


def _gitlab(variables: Mapping[str, str], number: int | None) -> CiContext:
    values = {**variables, "CI_MERGE_REQUEST_IID": str(number or variables.get("CI_MERGE_REQUEST_IID", ""))}
    address, token, project, iid = _checked(
        values,
        {
            "CI_API_V4_URL": _ADDRESS,
            "GITLAB_TOKEN": _TOKEN,
            "CI_PROJECT_ID": (r"\d+", "the number of the project"),
            "CI_MERGE_REQUEST_IID": (r"[1-9]\d*", "the number of a merge request, which merge request pipelines set"),
        },
    )
    page = f"{variables.get('CI_PROJECT_URL', '')}/-/merge_requests/{iid}"
    commit = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variables.get("CI_COMMIT_SHA", "")
    return CiContext(GitLab(address, token, project, int(iid), page), commit, variables.get("CI_PIPELINE_URL", ""))


_ADDRESS = ("", "an address that begins with https://")
_TOKEN = (r"\S+", "a token that may write comments")


def _checked(values: Mapping[str, str], wanted: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the values in the order of ``wanted``. Raises CiContextError with all problems together."""
    problems = []
    for name, (pattern, valid) in wanted.items():
        value = values.get(name, "")
        if not (_encrypted(value) if not pattern else re.fullmatch(pattern, value)):
            shown = "is unset" if not value else "is not a token" if name.endswith("TOKEN") else f"is {value!r}"
            problems.append(f"{name} {shown}: set it to {valid}")
    if problems:
        raise CiContextError("\n".join(problems), CI_VARIABLE_INVALID)
    return [values[name] for name in wanted]


def _encrypted(address: str) -> bool:
    """Return whether a token may be sent to the address: it is encrypted, or on this machine."""
    parts = urlsplit(address)
    return (
        bool(parts.hostname)
        and not parts.username
        and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
        )
    )


def _event(file: str) -> dict[str, Any]:
    try:
        event = json.loads(Path(file).read_text()) if file else {}
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}
