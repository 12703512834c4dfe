"""Waits for CustomResourceDefinitions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_established(kubectl: Callable[..., Any], *definitions: str, seconds: int = 60) -> None:
    """Wait until the API server serves the kinds.

    `kubectl wait` fails at once on a definition that has no conditions yet ("accessor error"), so it is tried again.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            kubectl("wait", *definitions, "--for=condition=Established", f"--timeout={seconds}s")
        except Exception as error:
            if "accessor error" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
