"""Every exit code of the commands, with its meaning."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """An exit code. Codes are a contract: never reuse one, and never change what one means."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NO_EFFECT = 10
    RESTART = 11
    LOWER = 12
    WEAKER = 13
    OUTAGE = 14
    ROLLED_BACK = 20
    NOT_ROLLED_BACK = 21
    PLAN_REJECTED = 22
    DRIFT = 30
    INTERRUPTED = 130

    @property
    def commands(self) -> str:
        """The commands that end with this code."""
        return _TABLE[self][0]

    @property
    def meaning(self) -> str:
        """What happened, and what state it leaves."""
        return _TABLE[self][1]


_EFFECT = "review, deploy"
_TABLE: dict[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("all", "The command did what it is for. For `review`: the worst effect stays below the threshold."),
    ExitCode.FAILED: ("all", "The command failed. The last line of its output ends with the error's id."),
    ExitCode.USAGE: ("all", "An argument is wrong. Nothing was done."),
    ExitCode.NO_EFFECT: (_EFFECT, "Base of the codes for effects: 10 plus the effect's number. Never returned itself."),
    ExitCode.RESTART: (
        _EFFECT,
        "The worst effect is a rolling restart, which is not accepted. Nothing was changed.",
    ),
    ExitCode.LOWER: (_EFFECT, "The worst effect is lower capacity, which is not accepted. Nothing was changed."),
    ExitCode.WEAKER: (
        _EFFECT,
        "The worst effect is a weaker guarantee, which is not accepted. Nothing was changed.",
    ),
    ExitCode.OUTAGE: (_EFFECT, "The worst effect is an outage, which is not accepted. Nothing was changed."),
    ExitCode.ROLLED_BACK: ("deploy", "The release failed. The last good release was deployed again and is verified."),
    ExitCode.NOT_ROLLED_BACK: (
        "deploy",
        "The release failed. The rollback failed too, or there was none.",
    ),
    ExitCode.PLAN_REJECTED: ("deploy", "The engine rejected the plan before the first change. Nothing was changed."),
    ExitCode.DRIFT: ("drift", "The cluster differs from what was deployed. Nothing was changed."),
    ExitCode.INTERRUPTED: ("all", "Interrupted with Ctrl-C. Run the command again to continue."),
}
