"""A stack of this project as a subject of drills: its program on a given cluster.

It is deployed by the engine, or by kubectl without one. The same validation runs first; without the engine, previews,
replacements and the engine's own waiting are not tested.
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
from lab.testbed.background_deploy import BackgroundDeploy, DeployError
from ops.cli.pulumi_binary import Engine, find

__all__ = ["BackgroundDeploy", "DeployError", "OurStack"]
IDENTIFIER = "drills"


class OurStack:
    """A stack of a copy of ``project`` in ``workdir``. Its name is also its namespace, unless the settings name one.

    ``settings`` are ``ha-backend:backend`` of the stack file, and ``where`` is the rest of it, as ``on`` returns it.
    Several stacks may be deployed to one cluster at a time, each with its own name. ``engine`` is looked up by default;
    a string (why there is none) deploys with kubectl. Raises SettingsError.
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
        result = find(project, log, install=False) if engine is None else engine
        self.engine = result if isinstance(result, Engine) else None
        self.name, self._log = name, log
        self._where = where
        self._settings: dict[str, Any] = {"namespace": name, **copy.deepcopy(dict(settings))}
        self._folder = workdir.absolute() / name
        self._program = checkout.copy(project, self._folder / "program")
        self._runs = 0
        self._last: BackgroundDeploy | None = None
        self._write()
        if not isinstance(result, Engine):
            log(f"{name}: {result}: deploying with kubectl")

    @property
    def backend(self) -> BackendSettings:
        """Return the backend's settings of the last deployment, with defaults. Raises SettingsError."""
        return self.stack.backend

    @property
    def stack(self) -> Settings:
        """Return all settings of the last deployment, with defaults. Raises SettingsError."""
        return stack_file.settings(self._program, self.name)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the backend's settings as written, without defaults."""
        return copy.deepcopy(self._settings)

    def deploy(self, changes: Mapping[str, Any] | None = None) -> None:
        """Deploy and wait, resuming a run that was killed. Raises DeployError, or SettingsError if they are rejected.

        ``changes`` are merged into the settings group by group and stay for later deployments; None removes a key.
        """
        began = time.monotonic()
        self.start_deploy(changes).wait()
        self._log(f"{self.name}: deployed in {time.monotonic() - began:.1f} s")

    def start_deploy(self, changes: Mapping[str, Any] | None = None) -> BackgroundDeploy:
        """Start to deploy without waiting, for drills that watch or kill it. Only one at a time."""
        if self._last and self._last.running:
            raise RuntimeError(f"{self.name} is already being deployed: wait for it, or kill it")
        self._settings = _merged(self._settings, changes or {})
        self._write()
        return self._start("up")

    def destroy(self) -> None:
        """Remove everything from the cluster, then the folder. Raises DeployError and keeps the folder with its logs.

        A deployment in progress is killed first.
        """
        if self._last:
            self._last.kill()
            if self._last.killed:  # what it was creating is unknown until another run has adopted it
                with suppress(DeployError):
                    self.deploy()
        self._start("destroy").wait()
        shutil.rmtree(self._folder)

    def stop(self) -> None:
        """Kill a deployment in progress."""
        if self._last:
            self._last.kill()

    def _write(self) -> None:
        content = {"config": {**self._where, "ha-backend:backend": self._settings}}
        (self._program / f"Pulumi.{self.name}.yaml").write_text(yaml.safe_dump(content))
        stack_file.settings(self._program, self.name)

    def _start(self, command: str) -> BackgroundDeploy:
        self._runs += 1
        module = "ops.cli" if self.engine else "ops.cli.apply"
        # The change is known: a preview would only compete with the load for processors.
        more = ["--skip-preview"] if self.engine and command == "up" else []
        words = [sys.executable, "-m", module, command, self.name, *more]
        self._last = BackgroundDeploy(
            words,
            self._program,
            self._environment(),
            self._folder / f"{self._runs:02}-{command}.log",
            priority.prefix(priority.LAST),
        )
        return self._last

    def _environment(self) -> dict[str, str]:
        """Return an environment with its own engine home, isolated from the user's configuration and logins."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        if not self.engine:
            return environment
        home, passphrase = self._folder / "home", self._folder / "passphrase"
        plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
        if not passphrase.exists():
            write_private(passphrase, os.urandom(24).hex())
            plugins.mkdir(parents=True, exist_ok=True)  # downloaded once for this machine
            home.mkdir()
            (home / "plugins").symlink_to(plugins.absolute())
        return {
            **environment,
            "PATH": f"{Path(self.engine.path).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_HOME": str(home),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        }


def on(kubeconfig: Path, context: str) -> dict[str, Any]:
    """Return the stack file's configuration of one existing cluster."""
    return {"ha-backend:cluster": existing(kubeconfig, context, IDENTIFIER)}


def existing(kubeconfig: Path, context: str, identifier: str) -> dict[str, Any]:
    """Return an existing cluster as in a stack file."""
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
