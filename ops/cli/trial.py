"""The trial: the same program without an engine, applied to the stack's embedded cluster."""

from __future__ import annotations

from pathlib import Path

from components import preflight
from components.preflight import local
from components.runtime import folders
from components.settings import LocalCluster, Settings
from ops.cli.kubectl_apply import Applied, ApplyError, Log
from ops.render.evaluate import evaluate


class TrialError(ApplyError):
    """The trial cannot go on; the text says why."""


class Trial:
    """One stack's trial on its embedded cluster."""

    def __init__(self, project: Path, stack: str, settings: Settings, log: Log) -> None:
        if settings.several:
            raise TrialError(
                f"The stack {stack!r} has several clusters, and the trial is for one: install pulumi "
                "(https://www.pulumi.com/docs/install) and run this again."
            )
        if not isinstance(settings.cluster, LocalCluster):
            raise TrialError(
                f"The stack {stack!r} runs on an existing cluster, and the trial is for embedded ones only: "
                "install pulumi (https://www.pulumi.com/docs/install) and run this again."
            )
        self._project, self._stack, self._log = project, stack, log
        own = self._own = settings.cluster
        self._images = settings.backend.images
        self._cluster = local.cluster(own, folders.cluster(project, stack), log)
        self._applied = Applied(self._cluster.kubeconfig, settings, log)

    def up(self) -> None:
        """Starts the cluster, applies what differs, waits until it is true."""
        rendered = evaluate(self._project, self._stack)
        preflight.check(self._own, self._cluster.folder, self._log, self._images)
        if other := self._cluster.other():
            self._log(f"trial: the cluster {other}: replacing it")
            self._cluster.delete()
        self._cluster.start()
        self._applied.apply(rendered)
        self._applied.wait()

    def destroy(self) -> None:
        """Removes the cluster, and everything on it with it."""
        self._cluster.delete()
        self._log("trial: the embedded cluster is gone")
