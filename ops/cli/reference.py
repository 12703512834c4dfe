"""Pages of the reference that are generated from the commands."""

from __future__ import annotations

from ops.exit_codes import ExitCode


def exit_codes_page() -> str:
    """Return the table of exit codes as Markdown."""
    rows = [
        f"| {code.value} | {code.commands} | {code.meaning} |" for code in ExitCode if code is not ExitCode.NO_EFFECT
    ]
    return "\n".join(["| Exit code | Commands | Meaning |", "|---|---|---|", *rows]) + "\n"
