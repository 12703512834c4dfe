"""Where the engine keeps its state: the backend the user has chosen, else a folder of this checkout.

The local choice encrypts with a passphrase that is generated once and kept beside the state, readable by its owner only.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from components.devcluster.kubeconfig import write_private
from components.runtime import folders, stack_file

_SALT = "encryptionsalt:"


@dataclass(frozen=True)
class State:
    """How to call the engine for one stack: what its environment adds, and which stack file it is to read."""

    project: Path
    stack: str
    local: bool
    environment: dict[str, str] = field(repr=False)

    @property
    def arguments(self) -> list[str]:
        """Arguments of every command that works on the stack."""
        return ["--stack", self.stack, *(["--config-file", str(self._copy)] if self.local else [])]

    def reading(self, config: Path | None) -> list[str]:
        """The same arguments; with ``config``, another file is read in the place of the stack file."""
        return ["--stack", self.stack, "--config-file", str(config)] if config else self.arguments

    @property
    def file(self) -> Path:
        """The stack file that the engine reads."""
        return self._copy if self.local else stack_file.path(self.project, self.stack)

    @property
    def folder(self) -> Path:
        """Where the local state lives."""
        return folders.own(self.project) / "state"

    @property
    def _copy(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def refresh_copy(self) -> None:
        """Brings the engine's copy of the stack file up to date.

        The engine writes the salt of its encryption into the file it reads. That belongs to this machine's passphrase, so it
        goes into a copy and the file under version control stays as it is.
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
        """After the engine made the stack: takes the salt over from the stack file and restores that to what it was."""
        if not self.local:
            return
        file = stack_file.path(self.project, self.stack)
        salt = next((line for line in file.read_text().splitlines() if line.startswith(_SALT)), None)
        if salt and file.read_bytes() != before:
            file.write_bytes(before)
            self.refresh_copy()
            write_private(self._copy, self._copy.read_text() + salt + "\n")

    def remove(self) -> None:
        """Forgets a local state altogether."""
        if self.local:
            shutil.rmtree(self.folder, ignore_errors=True)


def choose(project: Path, stack: str) -> State:
    """The user's own backend where one is chosen, else a local one, made on the first use."""
    if _chosen_by_user():
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


def _chosen_by_user() -> bool:
    if os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        return bool(json.loads((home / "credentials.json").read_text()).get("current"))
    except (OSError, ValueError):
        return False
