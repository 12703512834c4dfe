"""Profiles the program that imports it: which code it is in, every other millisecond, until the process ends.

The main thread decides; while that waits, what another thread does of the program's own.

A copy of this file lies beside the measured program, whose first lines are ``import sampler; sampler.start()``. It knows the
standard library only, because what it imports would be missing from the profile.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from types import FrameType
from typing import Any

INTERVAL = 0.002
# Every Pulumi program in Python has these, whoever wrote it; all else that our code calls counts as our own.
SDK = ("pulumi", "pulumi_kubernetes", "pulumi_random", "grpc", "google", "opentelemetry", "parver", "semver", "dill")
ASKING = "asking the cluster"
PHASES = {"settings": "settings", "availability": "rules", "clouds": "rules", "preflight": ASKING, "inspection": ASKING}
WAITING, OUTSIDE, IMPORT, BUILDING = "waiting", "sdk", "import", "building"
BESIDE = ", while the engine works"
Frame = FrameType | None


def phase(stack: list[tuple[str, str]], program: str) -> str:
    """What a moment was spent on. ``stack`` is (file, function) from the innermost call outwards, ``program`` its folder.

    The innermost code decides that is the program's or the SDK's; libraries and Python itself work for whoever called them.
    """
    importing = False
    for file, function in stack:
        importing = importing or function == "<module>" or file.startswith("<frozen importlib")
        if file.endswith("selectors.py"):
            return WAITING
        inside = file.partition("/site-packages/")[2]
        if inside:
            if inside.split("/")[0].removesuffix(".py") in SDK:
                return OUTSIDE
        elif file.startswith(f"{program}/"):
            room = file[len(program) + 1 :].split("/")[0]
            return IMPORT if importing else PHASES.get(room, BUILDING)
    return OUTSIDE


def moment(main: Frame, others: Iterable[Frame], program: str) -> str:
    """The phase of one moment in the life of all threads."""
    found = phase(_stack(main), program)
    if found == WAITING:
        beside = (phase(_stack(other), program) for other in others)
        found = next((f"{one}{BESIDE}" for one in beside if one not in (WAITING, OUTSIDE)), WAITING)
    return found


def _stack(frame: Frame) -> list[tuple[str, str]]:
    stack = []
    while frame is not None:
        stack.append((frame.f_code.co_filename, frame.f_code.co_name))
        frame = frame.f_back
    return stack


def start() -> None:
    """Writes the seconds of each phase as JSON to the file that BENCH_PROFILE names, when the process ends."""
    program = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib would be one import more)
    seconds: defaultdict[str, float] = defaultdict(float)
    last = time.perf_counter()

    main = threading.get_ident()

    def tick(_: int, frame: Frame) -> None:
        nonlocal last
        others = [each for thread, each in sys._current_frames().items() if thread != main]
        now = time.perf_counter()
        # Weighted: what cannot be interrupted, such as reading compiled code, is one long tick.
        seconds[moment(frame, others, program)] += now - last
        last = now

    def finish() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        told: dict[str, Any] = dict(seconds)
        with open(os.environ["BENCH_PROFILE"], "w") as file:  # noqa: PTH123
            json.dump(told, file)

    atexit.register(finish)
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
