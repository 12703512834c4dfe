"""Keep one comment of our own for each marker: create it if it is missing, and update it otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ops.review.publish.rest import LONGEST_WAIT, RestError, TransientError

TRIES = 4


@dataclass(frozen=True)
class Comment:
    """A comment that our own account wrote."""

    number: int
    body: str
    url: str


class Thread(Protocol):
    """The comments of one pull request."""

    def own(self) -> Iterator[Comment]:
        """Yield the comments of our own account, the oldest first. Other accounts' comments are out of reach."""

    def add(self, body: str) -> str:
        """Create a comment, and return its address."""

    def change(self, number: int, body: str) -> str:
        """Replace the text of one of our comments, and return its address."""

    def remove(self, number: int) -> None:
        """Delete one of our comments."""


def upsert(
    thread: Thread, marker: str, body: str, log: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> str:
    """Leave exactly one comment that begins with the marker, and return its address. Raises RestError.

    After a transient failure every step is repeated: the platform may have written what it reported as failed.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _upsert(thread, marker, body)
        except TransientError as error:
            wait = error.wait or 2.0**attempt
            if attempt == TRIES or wait > LONGEST_WAIT:
                advice = f"; it asks to wait {wait:.0f} s: run this job again then" if wait > LONGEST_WAIT else ""
                raise RestError(f"{error.text} ({attempt} tries){advice}", error.kind, error.status) from None
            log(f"{error.text}: trying again in {wait:.0f} s")
            sleep(wait)
    raise AssertionError("unreachable")


def _upsert(thread: Thread, marker: str, body: str) -> str:
    comments = [comment for comment in thread.own() if comment.body.startswith(marker)]
    for duplicate in comments[1:]:  # two runs at once
        thread.remove(duplicate.number)
    if not comments:
        return thread.add(body)
    if comments[0].body.strip() == body.strip():
        return comments[0].url
    try:
        return thread.change(comments[0].number, body)
    except RestError as error:
        if error.status != 404:
            raise
        return thread.add(body)  # somebody has just deleted it
