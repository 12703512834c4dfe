"""Loads the program's modules: without what costs time in every preview and gives it nothing, and while the engine works."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLUGINS = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def lean() -> Iterator[None]:
    """For a block of imports.

    Python's collector rests in it, and passes over what it made from then on: some hundred thousand objects that stay to the
    end, at which the collector would look again and again, for a fifth of the program's time. Where it was off before, it
    stays off. And pydantic looks for no plugins, for which it would read what every installed package says of itself; who
    sets PYDANTIC_DISABLE_PLUGINS decides otherwise.
    """
    os.environ.setdefault(PLUGINS, "__all__")
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def stay() -> None:
    """Lets the program's folder stay on the path, from which Python takes it when the main module has ended."""
    folder = str(Path(__file__).parent.parent.parent)
    if folder not in sys.path[1:]:  # the first is the one that it takes
        sys.path.append(folder)


async def meanwhile(*modules: str) -> None:
    """Loads modules in a thread, so that the engine works on what was registered already.

    A provider takes the engine a third of a second to start, and a backend's modules take the program about as long.
    """
    with lean():
        await asyncio.to_thread(lambda: [importlib.import_module(each) for each in modules])
