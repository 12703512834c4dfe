"""Reads exemptions.yaml: the findings that are accepted, each with its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

FILE = Path(__file__).parent / "exemptions.yaml"
MOST = 5
Key = tuple[str, str, str]
"""Grader, check and kind of object that an exemption applies to."""


class ExemptionsError(Exception):
    """The file is invalid. The text has one line for each problem."""


class Exemption(BaseModel):
    """One accepted finding, by the name that each grader has for it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: str = Field(min_length=1)
    checks: dict[Literal["kube-score", "checkov"], Annotated[str, Field(min_length=1)]] = Field(min_length=1)
    reason: str = Field(min_length=20, max_length=400)

    def covers(self) -> list[Key]:
        """Return the grader, check and kind of each finding that it accepts."""
        return [(grader, check, self.kind) for grader, check in self.checks.items()]


_ENTRIES = TypeAdapter(Annotated[list[Exemption], Field(max_length=MOST)])


def read(file: Path = FILE) -> frozenset[Key]:
    """Return every accepted finding. Raises ExemptionsError."""
    try:
        entries = _ENTRIES.validate_python(yaml.safe_load(file.read_text()) or [])
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ExemptionsError(f"{file.name} cannot be read: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise ExemptionsError(
            "\n".join(_line(file, problem["loc"], problem["msg"]) for problem in error.errors())
        ) from None
    count = Counter(key for entry in entries for key in entry.covers())
    if twice := [key for key, times in count.items() if times > 1]:
        raise ExemptionsError("\n".join(f"{file.name}: {describe(key)} is exempted twice" for key in twice))
    return frozenset(count)


def describe(key: Key) -> str:
    """Describe one exemption."""
    grader, check, kind = key
    return f"{grader} {check} on {kind}"


def _line(file: Path, place: tuple[int | str, ...], message: str) -> str:
    where = [f"entry {part + 1}" if isinstance(part, int) else part for part in place]
    return f"{file.name}: {'.'.join(where) or 'the whole'}: {message}"
