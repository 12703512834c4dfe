"""Choose where the engine keeps its state: in the backend that the user configured, else in a folder of this checkout.

A local state is encrypted with a passphrase that is generated once. It is stored next to the state, for its owner only.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from components import folders
from components.devcluster.kubeconfig import write_private
from components.runtime import stack_file

_SALT = "encryptionsalt:"


@dataclass(frozen=True)
class State:
    """How to call the engine for one stack: additional environment variables, and the stack file that it reads."""

    project: Path
    stack: str
    local: bool
    environment: dict[str, str] = field(repr=False)

    @property
    def arguments(self) -> list[str]:
        """The arguments of every command that works on the stack."""
        return ["--stack", self.stack, *(["--config-file", str(self._copy)] if self.local else [])]

    def arguments_with(self, config: Path | None) -> list[str]:
        """Return the arguments that make the engine read ``config`` instead of the stack file, if it is set."""
        return ["--stack", self.stack, "--config-file", str(config)] if config else self.arguments

    @property
    def file(self) -> Path:
        """The stack file that the engine reads."""
        return self._copy if self.local else stack_file.path(self.project, self.stack)

    @property
    def folder(self) -> Path:
        """The folder of the local state."""
        return folders.own(self.project) / "state"

    @property
    def _copy(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def refresh_copy(self) -> None:
        """Update the engine's copy of the stack file.

        The engine writes the salt of its encryption into the file that it reads. The salt belongs to this machine's
        passphrase, so it is kept in a copy, and the file under version control stays unchanged.
        """
        if not self.local:
            return
        salt = self._salt()
        lines = [
            line
            for line in stack_file.path(self.project, self.stack).read_text().splitlines()
            if not line.startswith(_SALT)
        ]
        write_private(self._copy, "\n".join([*lines, *([salt] if salt else [])]) + "\n")

    def _salt(self) -> str | None:
        if not self._copy.exists():
            return None
        return next((line for line in self._copy.read_text().splitlines() if line.startswith(_SALT)), None)

    def keep_salt(self, before: bytes) -> None:
        """Move the salt of a new stack from the stack file into the copy, and restore the stack file to ``before``."""
        if not self.local:
            return
        file = stack_file.path(self.project, self.stack)
        salt = next((line for line in file.read_text().splitlines() if line.startswith(_SALT)), None)
        if salt and file.read_bytes() != before:
            file.write_bytes(before)
            self.refresh_copy()
            write_private(self._copy, self._copy.read_text() + salt + "\n")

    def remove(self) -> None:
        """Delete a local state with all its stacks."""
        if self.local:
            shutil.rmtree(self.folder, ignore_errors=True)


def choose(project: Path, stack: str) -> State:
    """Return the state in the user's own backend if one is configured, else a local one, created on first use."""
    if _user_has_backend():
        return State(project, stack, False, {})
    state = State(project, stack, True, {})
    folder = state.folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = {"PULUMI_BACKEND_URL": f"file://{folder}"}
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys():
        passphrase = folder / "passphrase"
        if not passphrase.exists():
            write_private(passphrase, secrets.token_urlsafe(32))
        environment["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase)
    return State(project, stack, True, environment)


def _user_has_backend() -> bool:
    if os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        return bool(json.loads((home / "credentials.json").read_text()).get("current"))
    except (OSError, ValueError):
        return False
