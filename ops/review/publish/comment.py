"""One comment of our own for each marker: written where there is none, updated where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ops.review.publish.rest import LONGEST_WAIT, PassingError, RestError

TRIES = 4


@dataclass(frozen=True)
class Comment:
    """One that we wrote ourselves."""

    number: int
    body: str
    url: str


class Thread(Protocol):
    """The comments of one pull request."""

    def own(self) -> Iterator[Comment]:
        """Those of our own account, the oldest first. Others' are never given, so that they cannot be changed."""

    def add(self, body: str) -> str:
        """Writes a new one, and gives its address."""

    def change(self, number: int, body: str) -> str:
        """Gives one of ours another text."""

    def remove(self, number: int) -> None:
        """Takes one of ours away."""


def put(
    thread: Thread, marker: str, body: str, log: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> str:
    """Leaves exactly one comment that begins with the marker, and gives its address. Raises RestError.

    Where the platform fails in passing, all of it is done again: it may have written what it said it could not.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _put(thread, marker, body)
        except PassingError as error:
            wait = error.wait or 2.0**attempt
            if attempt == TRIES or wait > LONGEST_WAIT:
                said = f"; it asks for {wait:.0f} s of patience: run this job again then" if wait > LONGEST_WAIT else ""
                raise RestError(f"{error} ({attempt} tries){said}", error.status) from None
            log(f"{error}: trying again in {wait:.0f} s")
            sleep(wait)
    raise AssertionError("unreachable")


def _put(thread: Thread, marker: str, body: str) -> str:
    found = [comment for comment in thread.own() if comment.body.startswith(marker)]
    for superfluous in found[1:]:  # two runs at once
        thread.remove(superfluous.number)
    if not found:
        return thread.add(body)
    if found[0].body.strip() == body.strip():
        return found[0].url
    try:
        return thread.change(found[0].number, body)
    except RestError as error:
        if error.status != 404:
            raise
        return thread.add(body)  # somebody has just deleted it
