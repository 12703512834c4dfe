"""Our own backend as a subject of a drill: this project's program on a given cluster, as a stack of its own.

By the real engine where there is one. Where there is none, by kubectl: what is refused before anything is made is the same,
and what the engine alone does (previews, replacements, its own waiting) is not tried.
"""

from __future__ import annotations

import copy
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from components.devcluster import priority
from components.devcluster.kubeconfig import write_private
from components.runtime import stack_file
from components.settings import BackendSettings, Settings
from lab.testbed import checkout
from lab.testbed.background_deploy import DeployFailed, Launched
from ops.cli.pulumi_binary import Engine, find

__all__ = ["DeployFailed", "Launched", "Ours"]
IDENTIFIER = "drills"


class Ours:
    """One stack of a copy of ``project``, in ``workdir``; its name is its namespace's too, unless the settings name one.

    ``settings`` are those of ha-backend:backend in a stack file; ``where`` is all that the file says beside them, such as
    ``on`` gives it. Several may be deployed on one cluster at a time, each with its own name. ``engine``: left out, looked for;
    a text (why there is none) does without. Raises SettingsError.
    """

    def __init__(
        self,
        project: Path,
        workdir: Path,
        name: str,
        *,
        where: Mapping[str, Any],
        settings: Mapping[str, Any],
        log: Callable[[str], None],
        engine: Engine | str | None = None,
    ) -> None:
        found = find(project, log, install=False) if engine is None else engine
        self.engine = found if isinstance(found, Engine) else None
        self.name, self._log = name, log
        self._where = where
        self._settings: dict[str, Any] = {"namespace": name, **copy.deepcopy(dict(settings))}
        self._folder = workdir.absolute() / name
        self._program = checkout.copy(project, self._folder / "program")
        self._runs = 0
        self._last: Launched | None = None
        self._write()
        if not isinstance(found, Engine):
            log(f"{name}: {found}: going on with kubectl")

    @property
    def backend(self) -> BackendSettings:
        """The settings of the last deployment, with every default. Raises SettingsError."""
        return self.stack.backend

    @property
    def stack(self) -> Settings:
        """All that its file says, likewise."""
        return stack_file.settings(self._program, self.name)

    @property
    def settings(self) -> dict[str, Any]:
        """The same as they are written, without any default."""
        return copy.deepcopy(self._settings)

    def deploy(self, changes: Mapping[str, Any] | None = None) -> None:
        """Deploys and waits, going on with a run that was killed. Raises DeployFailed, or SettingsError as it is refused.

        ``changes`` are merged into the settings, group by group, and stay for later deployments; None takes a key out.
        """
        began = time.monotonic()
        self.start_deploy(changes).wait()
        self._log(f"{self.name}: deployed in {time.monotonic() - began:.1f} s")

    def start_deploy(self, changes: Mapping[str, Any] | None = None) -> Launched:
        """The same, without waiting: for drills that look on, or kill it. One at a time."""
        if self._last and self._last.running:
            raise RuntimeError(f"{self.name} is being deployed already: wait for that, or kill it")
        self._settings = _merged(self._settings, changes or {})
        self._write()
        return self._start("up")

    def destroy(self) -> None:
        """Removes everything from the cluster, then the folder. Raises DeployFailed; then the folder stays, with its logs.

        A deployment that still runs is killed.
        """
        if self._last:
            self._last.kill()
            if self._last.killed:  # what it was just making is unknown until another run has taken it over
                with suppress(DeployFailed):
                    self.deploy()
        self._start("destroy").wait()
        shutil.rmtree(self._folder)

    def stop(self) -> None:
        """Kills a deployment that still runs."""
        if self._last:
            self._last.kill()

    def _write(self) -> None:
        content = {"config": {**self._where, "ha-backend:backend": self._settings}}
        (self._program / f"Pulumi.{self.name}.yaml").write_text(yaml.safe_dump(content))
        stack_file.settings(self._program, self.name)

    def _start(self, command: str) -> Launched:
        self._runs += 1
        module = "engine" if self.engine else "ops.cli.apply"
        # What is to change is known: a preview would only take the load's processors.
        more = ["--skip-preview"] if self.engine and command == "up" else []
        words = [sys.executable, "-m", module, command, self.name, *more]
        self._last = Launched(
            words,
            self._program,
            self._environment(),
            self._folder / f"{self._runs:02}-{command}.log",
            priority.prefix(priority.LAST),
        )
        return self._last

    def _environment(self) -> dict[str, str]:
        """A home of its own for the engine: nothing that its user has chosen or logged in to is seen or changed."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        if not self.engine:
            return kept
        home, passphrase = self._folder / "home", self._folder / "passphrase"
        plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
        if not passphrase.exists():
            write_private(passphrase, os.urandom(24).hex())
            plugins.mkdir(parents=True, exist_ok=True)  # downloaded once a machine, whoever asks first
            home.mkdir()
            (home / "plugins").symlink_to(plugins.absolute())
        return {
            **kept,
            "PATH": f"{Path(self.engine.path).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_HOME": str(home),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        }


def on(kubeconfig: Path, context: str) -> dict[str, Any]:
    """What a stack file says where there is one cluster, which exists."""
    return {"ha-backend:cluster": existing(kubeconfig, context, IDENTIFIER)}


def existing(kubeconfig: Path, context: str, identifier: str) -> dict[str, Any]:
    """A cluster that exists, as a stack file names it."""
    return {"kind": "existing", "kubeconfig": str(kubeconfig.absolute()), "context": context, "identifier": identifier}


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(settings)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            before = result.get(key)
            result[key] = _merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[key] = value
    return result
