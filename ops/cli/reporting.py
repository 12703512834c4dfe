"""The errors that the commands print as one message without a traceback."""

from __future__ import annotations

import sys

from pulumi import RunError

from components.devcluster.errors import DevClusterError
from components.inspection.client import InspectionError
from components.inspection.verifier import NotHighlyAvailableError
from components.preflight import PreflightError
from components.runtime.stack_file import StackFileError
from components.settings import SettingsError
from ops.errors import UserError

USER_ERRORS = (
    UserError,
    SettingsError,
    StackFileError,
    PreflightError,
    DevClusterError,
    InspectionError,
    NotHighlyAvailableError,
    RunError,
)


def log(text: str) -> None:
    """Print progress to standard error. Results go to standard output."""
    print(text, file=sys.stderr, flush=True)
