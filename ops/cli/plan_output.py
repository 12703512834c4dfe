"""Pass on the engine's output while it carries out a plan, without the values that a rejected plan would reveal."""

from __future__ import annotations

import re
from collections.abc import Callable

# "expected resource operations ... but none were seen" does not count: it follows whenever something else has failed.
_REJECTED = re.compile(r"violates plan|is not allowed by the plan")
_FAILED = re.compile(r"\*\*\w[\w ]* failed\*\*")  # the engine counts only operations that succeeded
# The engine prints the values that differ after the names of their fields, secret ones too, and over several lines.
_VALUES = re.compile(r"(?<=properties changed: ).*")
_FIELD = re.compile(r"(?:^|, )[-+~=]{2}(\w+)\[")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m|<\{%[^%]*%\}>")
_NEXT = re.compile(r"^( *(error|warning|info|debug):|  \S+:\S+ \(.*\):|Resources:|Duration:|Outputs:|Diagnostics:)")


class PlanOutput:
    """A filter for the engine's lines. ``rejected`` lists what the plan does not allow.

    ``tried`` is true once an operation began and failed.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write, self._hiding = write, False
        self.rejected: list[str] = []
        self.tried = False

    def __call__(self, line: str) -> None:
        """Write one line of the engine."""
        plain = _COLOUR.sub("", line)
        if self._hiding and not _NEXT.match(plain):
            return
        self._hiding = False
        self.tried = self.tried or bool(_FAILED.search(plain))
        if _REJECTED.search(plain):
            self._hiding = bool(_VALUES.search(plain))
            line = _VALUES.sub(lambda match: ", ".join(_FIELD.findall(match[0])), plain)
            if (reason := line.rpartition("error: ")[2].strip()) not in self.rejected:
                self.rejected.append(reason)
        self._write(line)
