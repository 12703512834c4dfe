"""Termination of a pod: it receives no more requests, and it can finish the requests in flight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.known import get, listed, number, whole
from policy.resource import REPLICATED, Container, Resource, all_containers, containers, pod
from policy.rule import ADVISORY, MANDATORY, Parameter, Patch, Rule, Subject, clear
from policy.rules.probes import receives_requests

_GRACE = 30  # seconds; Kubernetes' default
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _slept(container: Any) -> int | None:
    """Return the seconds of a command that only sleeps, None for any other."""
    words = [str(word) for word in whole(listed(container, "lifecycle", "preStop", "exec", "command"))]
    if len(words) == 3 and words[1] == "-c":  # run by a shell
        words = words[2].split()
    if len(words) != 2 or words[0].rpartition("/")[2] != "sleep":
        return None
    duration = re.fullmatch(r"(\d+)([smh]?)", words[1])
    return int(duration[1]) * _UNITS[duration[2]] if duration else None


def _too_short(subject: Subject) -> Iterator[str]:
    grace = number(subject.pod, "terminationGracePeriodSeconds", default=_GRACE)
    # An unknown wait is skipped: with it there is even less time.
    sleep = max((wait for container in containers(subject.resource) for wait in clear(_waits(container))), default=0)
    drain = subject.parameters["drainSeconds"]
    if sleep + drain >= grace:
        yield (
            f"{subject.path}.terminationGracePeriodSeconds is {grace}: preStop waits for {sleep} s of it, and "
            f"requests in flight need {drain} s, so some are cut off; raise it to {sleep + drain + 5}"
        )


def _waits(container: Container) -> Iterator[int]:
    native = number(container.spec, "lifecycle", "preStop", "sleep", "seconds", default=0)
    yield native or _slept(container.spec) or 0


def _no_wait(subject: Subject) -> Iterator[str]:
    if receives_requests(subject) and not any(
        container.get("lifecycle", "preStop") for container in all_containers(subject.resource)
    ):
        yield (
            "no container has a preStop hook: a pod stops while load balancers still send it requests, unless its "
            "program waits by itself; add lifecycle.preStop.sleep"
        )


def _shell(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_shell_of(container))


def _shell_of(container: Container) -> Iterator[str]:
    seconds = _slept(container.spec)
    if seconds is not None:
        yield (
            f"{container.path}.lifecycle.preStop runs sleep {seconds}: it fails at once in an image without that "
            f"program; use preStop.sleep.seconds: {seconds}"
        )


def _native(resource: Resource) -> Iterator[Patch]:
    for index, container in enumerate(listed(pod(resource), "containers")):
        yield from clear(_native_in(index, container))


def _native_in(index: int, container: Any) -> Iterator[Patch]:
    seconds = _slept(container)
    if seconds and get(container, "lifecycle", "preStop", "sleep") is None:
        path = ("spec", "template", "spec", "containers", index, "lifecycle", "preStop")
        yield Patch(path, {"sleep": {"seconds": seconds}})


RULES = (
    Rule(
        "end-in-time",
        MANDATORY,
        "The preStop wait and the requests in flight fit into the grace period.",
        REPLICATED,
        _too_short,
        parameters={
            "drainSeconds": Parameter("Seconds that requests in flight may take.", 1, {"type": "integer", "minimum": 0})
        },
    ),
    Rule(
        "end-after-wait",
        ADVISORY,
        "A terminating pod waits until it receives no more requests.",
        REPLICATED,
        _no_wait,
        across=True,
    ),
    Rule(
        "end-without-shell",
        ADVISORY,
        "The preStop wait needs no program in the image.",
        (*REPLICATED, "DaemonSet"),
        _shell,
        remedy=_native,
    ),
)
