"""Runs the program, and reports what a user can act on without a traceback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pulumi

from ..preflight import PreflightError
from ..settings import SettingsError

Main = Callable[[], Mapping[str, Any] | Coroutine[Any, Any, Mapping[str, Any]]]

# The Kubernetes provider's own variable: it takes fields back from their other managers.
FORCING = "PULUMI_K8S_ENABLE_PATCH_FORCE"

_captured: ContextVar[list[Main] | None] = ContextVar("captured", default=None)


def run(main: Main) -> None:
    """Run the program once its main module has ended. ``main`` registers everything and returns the stack's outputs.

    While ``capturing``, only remember it: nothing runs.
    """
    if (programs := _captured.get()) is not None:
        programs.append(main)
        return
    # The provider's process reads it from its environment. As an input, it would change the provider with each use.
    os.environ.pop(FORCING, None)
    # The engine interrupts the program after a failure that it has reported. The frames of a wait add nothing.
    sys.excepthook = lambda kind, error, trace: (
        None if kind is KeyboardInterrupt else sys.__excepthook__(kind, error, trace)
    )

    async def reported() -> Mapping[str, Any]:
        # The SDK stores with each resource the stack trace of its registration, in the engine's memory and in the
        # state. In a task of its own, the trace has 7 frames instead of 11, which saves a twentieth of the state.
        return await asyncio.create_task(_reported(main))

    pulumi.run(reported)


async def _reported(main: Main) -> Mapping[str, Any]:
    try:
        outputs = main()
        return outputs if isinstance(outputs, Mapping) else await outputs
    except (SettingsError, PreflightError) as error:
        raise pulumi.RunError(str(error)) from None


async def load(library: ModuleType, *names: str) -> None:
    """Load parts of the library in a thread, while the engine works on what the program has registered.

    A provider takes the engine a third of a second to start, and a backend's modules take the program about as long.
    """
    await asyncio.to_thread(lambda: [getattr(library, name) for name in names])


@contextmanager
def capturing() -> Iterator[list[Main]]:
    """Collect the programs that are passed to ``run``, instead of running them."""
    programs: list[Main] = []
    token = _captured.set(programs)
    try:
        yield programs
    finally:
        _captured.reset(token)
