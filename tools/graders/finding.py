"""The result of a grader, and the error of one that could not run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A check that an object does not pass. If ``fails`` is false, it is a warning."""

    check: str
    kind: str
    subject: str
    message: str
    fails: bool = True


@dataclass(frozen=True)
class Report:
    """The result of one grader for one rendering."""

    passed: int
    findings: tuple[Finding, ...]


class GraderError(Exception):
    """A grader could not run, or its output cannot be interpreted."""
