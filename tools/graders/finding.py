"""What graders have in common: what they found, and the one error of a grader that could not do its work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One check that one object does not pass. A finding that does not fail is a warning."""

    check: str
    kind: str
    subject: str
    message: str
    fails: bool = True


@dataclass(frozen=True)
class Report:
    """What one grader says about one rendering."""

    passed: int
    findings: tuple[Finding, ...]


class GraderError(Exception):
    """A grader could not run, or its answer says nothing; the text says why."""
