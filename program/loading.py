"""Loads the program's modules without looking for garbage among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Python's collector rests while modules are loaded in this block, and passes over what they made from then on.

    Loading makes some hundred thousand objects that stay to the end: the collector would look at all of them again and again,
    for a fifth of the time that the program takes in a preview. Where it was off before, it stays off.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
