"""The comments of a pull request on GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.review.errors import CODE_HOST_RESPONSE_INVALID
from ops.review.publish.comment import Comment
from ops.review.publish.rest import Rest, RestError, TransientError

ACTIONS = "github-actions[bot]"  # the account of a workflow's own token, which may not look itself up


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
                301: f"Set GITHUB_REPOSITORY to the repository's present name, not {repository}",
                401: "Set GITHUB_TOKEN to a valid token",
                403: "Use a token that may write: set `permissions: pull-requests: write` on the job (a fork's run "
                "never gets such a token)",
                404: f"Use an existing pull request, not {number} of {repository}, and a token that may read it",
            },
        )
        self._repository, self._number, self._author = f"/repos/{repository}", number, author

    def own(self) -> Iterator[Comment]:
        """Yield the comments of our own account, the oldest first."""
        author = self._author = self._author or self._token_owner()
        for one in self._rest.pages(f"{self._repository}/issues/{self._number}/comments"):
            if (one.get("user") or {}).get("login") == author:
                yield Comment(one["id"], one.get("body") or "", _url(one))

    def add(self, body: str) -> str:
        """Create a comment, and return its address."""
        return _url(self._rest.call("POST", f"{self._repository}/issues/{self._number}/comments", {"body": body}))

    def change(self, number: int, body: str) -> str:
        """Replace the text of a comment, and return its address."""
        return _url(self._rest.call("PATCH", f"{self._repository}/issues/comments/{number}", {"body": body}))

    def remove(self, number: int) -> None:
        """Delete a comment."""
        self._rest.call("DELETE", f"{self._repository}/issues/comments/{number}")

    def _token_owner(self) -> str:
        try:
            login = self._rest.call("GET", "/user").get("login")
        except RestError as error:
            if error.status != 403 or isinstance(error, TransientError):
                raise
            return ACTIONS
        if not login:
            raise RestError("GitHub does not name the token's account: set --author", CODE_HOST_RESPONSE_INVALID)
        return str(login)


def _url(comment: dict[str, Any]) -> str:
    return str(comment.get("html_url", ""))
