"""Loads the program's modules without two things that cost time in every preview and give it nothing."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

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
