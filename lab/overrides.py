"""Changes to a copy of the program that do not depend on its layout: a line appended to one of its modules.

The line overrides a name that the module looks up when it runs. Each such name is a seam of the product: a function or
a constant for one safeguard. tests/unit/lab/test_overrides.py checks what each override changes, and that its seam
exists.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Override:
    """A line of Python appended to a module of the program's copy."""

    file: str
    """Path of the module in the program."""
    line: str
    """An assignment to the name that it overrides."""

    def applied(self, source: str) -> str:
        """Return the module's source with the override."""
        return f"{source}\n\n{self.line}\n"


@dataclass(frozen=True)
class Replacement:
    """Another expression in a program that has no seams, such as one written by hand.

    Both texts are in the layout of ``ast.unparse``, to which the source is brought first: it may be formatted freely.
    """

    file: str
    """Path of the module in the program."""
    before: str
    """Text that occurs exactly once."""
    after: str
    """Text that takes its place."""

    def applied(self, source: str) -> str:
        """Return the module's source with the other text. Raises ValueError unless the text occurs exactly once."""
        normal = ast.unparse(ast.parse(source))
        if (count := normal.count(self.before)) != 1:
            raise ValueError(f"{self.file}: {self.before!r} occurs {count} times: it must occur exactly once")
        return normal.replace(self.before, self.after)


Edit = Override | Replacement


def apply(program: Path, *edits: Edit) -> None:
    """Edit a copy of the program in place. Raises ValueError if a replacement does not fit."""
    for edit in edits:
        file = program / edit.file
        file.write_text(edit.applied(file.read_text()))


# Verification at the end of `up` would find some missing safeguards before anything else could.
UNVERIFIED = Override("components/backend.py", "verified = lambda scope, parts: pulumi.Output.from_input(False)")
NO_PRE_STOP = Override("components/pod.py", "_lifecycle = lambda backend: None")
NO_SPREAD = Override("components/pod.py", "topology_spread_constraints = lambda scope: None")
NO_ANTI_AFFINITY = Override("components/pod.py", "affinity = lambda scope: None")
