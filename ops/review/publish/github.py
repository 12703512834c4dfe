"""The comments of a pull request on GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.review.publish.comment import Comment
from ops.review.publish.rest import PassingError, Rest, RestError

ACTIONS = "github-actions[bot]"  # whom a workflow's own token writes as; it may not ask who it is


class GitHub:
    """One pull request, reached with one token."""

    def __init__(self, address: str, token: str, repository: str, number: int, author: str | None = None) -> None:
        self._rest = Rest(
            address,
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            token,
            {
                301: f"the repository's present name in GITHUB_REPOSITORY, not {repository}",
                401: "a valid token in GITHUB_TOKEN",
                403: "a token that may write: `permissions: pull-requests: write` on the job (a run of a forked pull request "
                "never gets one)",
                404: f"a pull request that is there: {number} of {repository}, and a token that may see it",
            },
        )
        self._repository, self._number, self._author = f"/repos/{repository}", number, author

    def own(self) -> Iterator[Comment]:
        """Those that we wrote, the oldest first."""
        author = self._author = self._author or self._who()
        for one in self._rest.pages(f"{self._repository}/issues/{self._number}/comments"):
            if (one.get("user") or {}).get("login") == author:
                yield Comment(one["id"], one.get("body") or "", _url(one))

    def add(self, body: str) -> str:
        """A new one; its address."""
        return _url(self._rest.call("POST", f"{self._repository}/issues/{self._number}/comments", {"body": body}))

    def change(self, number: int, body: str) -> str:
        """Another text; its address."""
        return _url(self._rest.call("PATCH", f"{self._repository}/issues/comments/{number}", {"body": body}))

    def remove(self, number: int) -> None:
        """Gone."""
        self._rest.call("DELETE", f"{self._repository}/issues/comments/{number}")

    def _who(self) -> str:
        try:
            us = self._rest.call("GET", "/user").get("login")
        except RestError as error:
            if error.status != 403 or isinstance(error, PassingError):
                raise
            return ACTIONS
        if not us:
            raise RestError("GitHub does not say whose the token is: name it with --author")
        return str(us)


def _url(comment: dict[str, Any]) -> str:
    return str(comment.get("html_url", ""))
