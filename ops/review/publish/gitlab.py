"""The notes of a merge request on GitLab."""

from __future__ import annotations

from collections.abc import Iterator

from ops.review.errors import CODE_HOST_RESPONSE_INVALID
from ops.review.publish.comment import Comment
from ops.review.publish.rest import Rest, RestError


class GitLab:
    """One merge request, reached with a project's or a person's access token. A job's own token cannot write notes."""

    def __init__(self, address: str, token: str, project: str, number: int, page: str) -> None:
        self._rest = Rest(
            address,
            {"PRIVATE-TOKEN": token},
            token,
            {
                401: "Set GITLAB_TOKEN to a valid access token",
                403: "Use an access token with the scope `api` and at least the role Reporter",
                404: f"Use an existing merge request, not {number} of project {project}, and a token that may read it",
            },
        )
        self._notes, self._page = f"/projects/{project}/merge_requests/{number}/notes", page

    def own(self) -> Iterator[Comment]:
        """Yield the notes of our own account, the oldest first."""
        account = self._rest.call("GET", "/user").get("id")
        if account is None:
            raise RestError(
                "GitLab does not name the token's account: set CI_API_V4_URL to the address of its API",
                CODE_HOST_RESPONSE_INVALID,
            )
        notes = [
            one
            for one in self._rest.pages(self._notes)
            if not one.get("system") and (one.get("author") or {}).get("id") == account
        ]
        for one in sorted(notes, key=lambda note: int(note["id"])):  # GitLab returns the newest first
            yield Comment(one["id"], one.get("body") or "", self._url(one["id"]))

    def add(self, body: str) -> str:
        """Create a note, and return its address."""
        return self._url(self._rest.call("POST", self._notes, {"body": body}).get("id"))

    def change(self, number: int, body: str) -> str:
        """Replace the text of a note, and return its address."""
        return self._url(self._rest.call("PUT", f"{self._notes}/{number}", {"body": body}).get("id"))

    def remove(self, number: int) -> None:
        """Delete a note."""
        self._rest.call("DELETE", f"{self._notes}/{number}")

    def _url(self, number: object) -> str:
        return f"{self._page}#note_{number}"
