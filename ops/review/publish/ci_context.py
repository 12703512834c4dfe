"""Which pull request this run is about, as GitHub Actions or GitLab CI tells it in variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops.review.publish.comment import Thread
from ops.review.publish.github import GitHub
from ops.review.publish.gitlab import GitLab


class PlaceError(Exception):
    """There is no telling where to comment; the text names every variable that is wrong and what would be right."""


@dataclass(frozen=True)
class Place:
    """Where to comment, and on what: the commit that was previewed, and the run that did it."""

    thread: Thread
    commit: str
    run: str


def find(variables: Mapping[str, str], number: int | None, author: str | None) -> Place:
    """The place that the variables name. ``number`` and ``author`` go before what they say. Raises PlaceError."""
    if variables.get("GITLAB_CI"):
        return _gitlab(variables, number)
    if variables.get("GITHUB_ACTIONS") or variables.get("GITHUB_TOKEN"):
        return _github(variables, number, author)
    raise PlaceError(
        "This is no run of GitHub Actions (GITHUB_ACTIONS is not set) and none of GitLab CI (GITLAB_CI is not "
        "set), so that there is no pull request to comment on. `make review` prints the same."
    )


def _github(variables: Mapping[str, str], number: int | None, author: str | None) -> Place:
    request = _event(variables.get("GITHUB_EVENT_PATH", "")).get("pull_request") or {}
    given = {
        "GITHUB_API_URL": "https://api.github.com",
        **variables,
        "--number": str(number or request.get("number") or ""),
    }
    address, token, repository, iid = _checked(
        given,
        {
            "GITHUB_API_URL": _ADDRESS,
            "GITHUB_TOKEN": _TOKEN,
            "GITHUB_REPOSITORY": (r"[\w-]+/(?!\.\.?$)[\w.-]+", "OWNER/NAME"),
            "--number": (r"[1-9]\d*", "a pull request's number; left out, the one of the event in GITHUB_EVENT_PATH"),
        },
    )
    server, run = (variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_RUN_ID"))
    return Place(
        GitHub(address, token, repository, int(iid), author),
        str((request.get("head") or {}).get("sha") or ""),
        f"{server}/{repository}/actions/runs/{run}" if server and run else "",
    )


def _gitlab(variables: Mapping[str, str], number: int | None) -> Place:
    given = {**variables, "CI_MERGE_REQUEST_IID": str(number or variables.get("CI_MERGE_REQUEST_IID", ""))}
    address, token, project, iid = _checked(
        given,
        {
            "CI_API_V4_URL": _ADDRESS,
            "GITLAB_TOKEN": _TOKEN,
            "CI_PROJECT_ID": (r"\d+", "the project's number"),
            "CI_MERGE_REQUEST_IID": (r"[1-9]\d*", "a merge request's number; a pipeline of a merge request has it"),
        },
    )
    page = f"{variables.get('CI_PROJECT_URL', '')}/-/merge_requests/{iid}"
    commit = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variables.get("CI_COMMIT_SHA", "")
    return Place(GitLab(address, token, project, int(iid), page), commit, variables.get("CI_PIPELINE_URL", ""))


_ADDRESS = ("", "an address that begins with https://")
_TOKEN = (r"\S+", "a token that may write comments")


def _checked(given: Mapping[str, str], wanted: Mapping[str, tuple[str, str]]) -> list[str]:
    """The values, in that order. Raises PlaceError with all that is wrong, at once."""
    problems = []
    for name, (pattern, right) in wanted.items():
        value = given.get(name, "")
        if not (_private(value) if not pattern else re.fullmatch(pattern, value)):
            shown = "is not set" if not value else "is no token" if name.endswith("TOKEN") else f"is {value!r}"
            problems.append(f"{name} {shown}: right would be {right}")
    if problems:
        raise PlaceError("\n".join(problems))
    return [given[name] for name in wanted]


def _private(address: str) -> bool:
    """Whether a token may go there: encrypted, or to this machine only."""
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
        found = json.loads(Path(file).read_text()) if file else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
