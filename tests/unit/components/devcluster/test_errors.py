"""Errors of the embedded cluster: each has an id, and the message ends with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from components.devcluster.errors import DevClusterError, RetryableStartError
from components.errors import devcluster
from components.errors.catalogue import kinds

FOLDER = Path(__file__).parent.parent.parent.parent.parent / "components" / "devcluster"
CLASSES = (DevClusterError.__name__, RetryableStartError.__name__, "error")


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Yield each place that raises an error with a message."""
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                call = node.exc
                if isinstance(call.func, ast.Name) and call.func.id in CLASSES:
                    yield f"{file.name}:{node.lineno}", call


def test_every_error_is_raised_with_a_kind() -> None:
    calls = dict(raised())
    assert len(calls) > 25, "the search must find the errors"
    assert not [place for place, call in calls.items() if len(call.args) != 2]


def test_every_kind_is_used() -> None:
    names = {name for name, value in vars(devcluster).items() if value in kinds(devcluster)}
    used = {node.id for _, call in raised() for node in ast.walk(call) if isinstance(node, ast.Name)}
    assert names == names & used


def test_the_message_ends_with_the_id() -> None:
    error = DevClusterError("no port: choose another", devcluster.NO_FREE_PORTS)
    assert str(error) == "no port: choose another [no-free-ports]"
    assert error.text == "no port: choose another"
    assert str(DevClusterError("no port")) == "no port"
