"""The trial: deploy the program without Pulumi, with kubectl, to the stack's embedded cluster."""

from __future__ import annotations

from pathlib import Path

from components import folders
from components.preflight import LookUp
from components.settings import Settings
from ops.cli.embedded import is_embedded
from ops.cli.errors import TRIAL_UNSUPPORTED
from ops.cli.kubectl_apply import ApplyError, KubectlApply, Log
from ops.render.evaluate import evaluate

_INSTALL = "install Pulumi (https://www.pulumi.com/docs/install) and run the command again."


class TrialError(ApplyError):
    """The trial cannot do this; the text gives the reason."""


class Trial:
    """The trial of one stack on its embedded cluster."""

    def __init__(self, project: Path, stack: str, settings: Settings, log: Log) -> None:
        if settings.several:
            raise TrialError(
                f"The stack {stack!r} has several clusters, and the trial supports one: {_INSTALL}", TRIAL_UNSUPPORTED
            )
        if settings.cluster is None or not is_embedded(settings.cluster):
            raise TrialError(
                f"The stack {stack!r} runs on an existing cluster, and the trial supports embedded ones only: "
                f"{_INSTALL}",
                TRIAL_UNSUPPORTED,
            )
        self._project, self._stack, self._log = project, stack, log
        self._settings, self._backend = settings.cluster, settings.backend
        self._cluster = settings.cluster.cluster(folders.cluster(project, stack), log)
        self._applied = KubectlApply(self._cluster.kubeconfig, settings, log)

    def up(self) -> None:
        """Start the cluster, apply what differs, and wait until the backend is verified."""
        rendered = evaluate(self._project, self._stack)
        self._settings.check(LookUp(backend=self._backend, folder=self._cluster.folder, log=self._log))
        if other := self._cluster.mismatch():
            self._log(f"trial: the cluster {other}: replacing it")
            self._cluster.delete()
        self._cluster.start()
        self._applied.apply(rendered)
        self._applied.wait()

    def destroy(self) -> None:
        """Delete the cluster with everything on it."""
        self._cluster.delete()
        self._log("trial: the embedded cluster is deleted")
