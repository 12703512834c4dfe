"""The notes of a merge request on GitLab."""

from __future__ import annotations

from collections.abc import Iterator

from ops.review.publish.comment import Comment
from ops.review.publish.rest import Rest, RestError


class GitLab:
    """One merge request, reached with a project's or a person's access token: a job's own may not write notes."""

    def __init__(self, address: str, token: str, project: str, number: int, page: str) -> None:
        self._rest = Rest(
            address,
            {"PRIVATE-TOKEN": token},
            token,
            {
                401: "a valid access token in GITLAB_TOKEN",
                403: "an access token with the scope `api` and the role Reporter or above",
                404: f"a merge request that is there: {number} of project {project}, and a token that may see it",
            },
        )
        self._notes, self._page = f"/projects/{project}/merge_requests/{number}/notes", page

    def own(self) -> Iterator[Comment]:
        """Those that we wrote, the oldest first."""
        us = self._rest.call("GET", "/user").get("id")
        if us is None:
            raise RestError("GitLab does not say whose the token is: see that CI_API_V4_URL is the address of its API")
        ours = [
            one
            for one in self._rest.pages(self._notes)
            if not one.get("system") and (one.get("author") or {}).get("id") == us
        ]
        for one in sorted(ours, key=lambda note: int(note["id"])):  # it gives the newest first
            yield Comment(one["id"], one.get("body") or "", self._url(one["id"]))

    def add(self, body: str) -> str:
        """A new one; its address."""
        return self._url(self._rest.call("POST", self._notes, {"body": body}).get("id"))

    def change(self, number: int, body: str) -> str:
        """Another text; its address."""
        return self._url(self._rest.call("PUT", f"{self._notes}/{number}", {"body": body}).get("id"))

    def remove(self, number: int) -> None:
        """Gone."""
        self._rest.call("DELETE", f"{self._notes}/{number}")

    def _url(self, number: object) -> str:
        return f"{self._page}#note_{number}"
