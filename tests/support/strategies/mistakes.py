"""Stacks with mistakes, and whole configurations of the engine, partly encrypted."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

from components.settings.stack import PROJECT
from tests.support.strategies import texts
from tests.support.strategies.fixes import SELDOM
from tests.support.strategies.stacks import PATHS, stacks

SECRET = "hunter2-is-the-password"
_FREE = [
    (*path, key)
    for path in PATHS
    if path[-1] in ("labels", "environment")
    for key in ("A", "1A", "a b", "[key]", "a..b/c")
]
# What the engine hands over as text: not JSON, or not a group of keys.
_RAW = ["x", "", "{", "null", "[" * 400 + "]" * 400, "[" * 5000, "9" * 5000, "1e999", "NaN", '"\\ud800"']
_OTHERS = [
    "kubernetes:context",
    "aws:region",
    "plain",
    *(f"{PROJECT}:{key}" for key in ("backend", "cluster", "protect", "x", "", "a:b")),
]


@st.composite
def mistaken(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a stack with one to three odd, mostly invalid values."""
    stack = copy.deepcopy(draw(stacks()))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        path = draw(st.sampled_from(PATHS + _FREE))
        match draw(st.sampled_from(["odd", "odd", "odd", "near", "unknown", "gone"])):
            case "odd":
                put(stack, path, draw(st.sampled_from(texts.ODD)))
            case "near":
                put(stack, path, draw(st.integers() | st.floats() | st.text(max_size=30)))
            case "unknown":
                key = draw(st.sampled_from(texts.STRANGE) | st.text(max_size=10))
                put(stack, (*path[:-1], key), draw(st.sampled_from(texts.ODD)))
            case "gone":
                put(stack, path, ...)
    return stack


@st.composite
def configurations(draw: st.DrawFn) -> tuple[dict[str, str], tuple[str, ...]]:
    """Draw the engine's configuration, and its encrypted keys."""
    stack = draw(st.one_of(stacks(), stacks(), stacks(), mistaken()))
    config = {f"{PROJECT}:{key}": json.dumps(value) for key, value in stack.items()}
    if draw(SELDOM):
        config[draw(st.sampled_from(_OTHERS))] = draw(st.sampled_from(_RAW))
    if draw(SELDOM):
        key = draw(st.sampled_from([*config, "kubernetes:token"]))
        config[key] = draw(st.sampled_from([SECRET, json.dumps(SECRET), json.dumps({"image": SECRET, SECRET: SECRET})]))
        return config, (key,)
    return config, ()


def put(stack: Any, path: tuple[str, ...], value: Any) -> None:
    """Set one setting, or remove it with ``...``. Missing groups are created; lists are entered at index 0."""
    for step in path[:-1]:
        if isinstance(stack, list):
            stack = stack[0] if stack else {}
        if not isinstance(stack, dict):
            return
        stack = stack.setdefault(step, {})
    if isinstance(stack, dict):
        stack[path[-1]] = value
        if value is ...:
            del stack[path[-1]]
