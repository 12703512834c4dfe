"""Profile the program that imports this module: sample its code every other millisecond until the process exits.

The main thread decides; while it waits, the program's own code in another thread counts.

Copy this file next to the measured program, and begin that with ``import sampler; sampler.start()``. It uses only the
standard library, because its imports would be missing from the profile.
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
# Every Pulumi program in Python uses these; all other code that the program calls counts as its own.
SDK = ("pulumi", "pulumi_kubernetes", "pulumi_random", "grpc", "google", "opentelemetry", "parver", "semver", "dill")
QUERIES = "querying the cluster"
PHASES = {"settings": "settings", "availability": "rules", "preflight": QUERIES, "inspection": QUERIES}
WAITING, OUTSIDE, IMPORT, BUILDING = "waiting", "sdk", "import", "building"
MEANWHILE = ", while the engine works"
Frame = FrameType | None


def phase(stack: list[tuple[str, str]], program: str) -> str:
    """Return the phase of a stack of (file, function), innermost call first. ``program`` is the program's folder.

    The innermost code of the program or the SDK decides; libraries and Python itself work for their caller.
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
            package, *module = file[len(program) + 1 :].split("/")
            phase = PHASES.get(module[0], BUILDING) if package == "components" and module else BUILDING
            return IMPORT if importing else phase
    return OUTSIDE


def moment(main: Frame, others: Iterable[Frame], program: str) -> str:
    """Return the phase of one sample of all threads."""
    result = phase(_stack(main), program)
    if result == WAITING:
        phases = (phase(_stack(other), program) for other in others)
        result = next((f"{one}{MEANWHILE}" for one in phases if one not in (WAITING, OUTSIDE)), WAITING)
    return result


def _stack(frame: Frame) -> list[tuple[str, str]]:
    stack = []
    while frame is not None:
        stack.append((frame.f_code.co_filename, frame.f_code.co_name))
        frame = frame.f_back
    return stack


def start() -> None:
    """Write the seconds of each phase as JSON to the file in BENCH_PROFILE when the process exits."""
    program = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib would be another import)
    seconds: defaultdict[str, float] = defaultdict(float)
    last = time.perf_counter()

    main = threading.get_ident()

    def tick(_: int, frame: Frame) -> None:
        nonlocal last
        others = [each for thread, each in sys._current_frames().items() if thread != main]
        now = time.perf_counter()
        # Weighted: code that cannot be interrupted, such as reading compiled modules, is one long tick.
        seconds[moment(frame, others, program)] += now - last
        last = now

    def finish() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        result: dict[str, Any] = dict(seconds)
        with open(os.environ["BENCH_PROFILE"], "w") as file:  # noqa: PTH123
            json.dump(result, file)

    atexit.register(finish)
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
