"""Check that an embedded cluster can start: its programs, its directory, its port, and the images of real nodes."""

from __future__ import annotations

from pathlib import Path

from ..devcluster import binaries, image_archives, images
from ..devcluster.catalog import CLUSTER_PROGRAMS
from ..devcluster.errors import DevClusterError
from ..errors import clusters as errors
from ..errors import tagged
from ..inspection.access import ClusterAccess
from ..preflight import CLUSTER_KEY, KnownCluster, LookUp, PreflightError
from ..settings.problems import Problem
from .local import LocalCluster


def check(settings: LocalCluster, options: LookUp) -> None:
    """Obtain missing programs, and check that the cluster can start. Raises PreflightError.

    With a backend, real nodes must have its images.
    """
    cluster = settings.cluster(options.folder, options.log)
    try:
        cluster.check()
        if settings.nodes == "real" and options.backend:
            for key, image in options.backend.images.items():
                _require_image(f"{options.backend_key}.{key}", image, cluster.images)
        binaries.ensure(options.log, (*CLUSTER_PROGRAMS, *cluster.node_backend.programs), settings.kubernetes)
        cluster.check_startable()
    except DevClusterError as error:
        raise PreflightError(_keyed(str(error), options.key)) from None


def _keyed(message: str, key: str) -> Problem:
    """Return a problem of the embedded cluster, whose messages use the keys of a stack file, with the caller's key."""
    if not message.startswith(CLUSTER_KEY):
        return Problem("", message)
    path, _, text = message.removeprefix(CLUSTER_KEY).partition(": ")
    return Problem(f"{key}{path}", text)


def locate(settings: LocalCluster, options: LookUp) -> KnownCluster:
    """Return the kubeconfig that a started cluster leaves in its directory. Raises PreflightError if there is none."""
    cluster = settings.cluster(options.folder, options.log)
    try:
        access = ClusterAccess(cluster.kubeconfig.read_text(), None, str(options.folder))
    except OSError:
        text = tagged("the embedded cluster does not run: start it (make up)", errors.EMBEDDED_CLUSTER_STOPPED)
        raise PreflightError(Problem(options.key, text)) from None
    return KnownCluster(
        access, tuple(settings.zones), "the embedded cluster", "start it (make up)", options.key, f"{options.key}.zones"
    )


def _require_image(key: str, image: str, archives: tuple[Path, ...]) -> None:
    """Reject an image that real nodes lack: they reach no registry, so it could never start."""
    available = [reference for name, reference in images.SAMPLES.items() if name != "pause"]
    available += sorted({name for archive in archives for name in image_archives.names(archive)})
    known = {*available, *map(images.next_release, images.SAMPLES.values())}
    if image_archives.canonical(image) in known:
        return
    plain = image.partition("@")[0]
    if image_archives.canonical(plain) in known:
        text = (
            f"{image!r} names a digest, and archives contain names only: with real nodes, omit the digest and protect"
        )
    else:
        text = (
            f"{image!r} is in no archive of cluster.images, and real nodes reach no registry: save it "
            f"(`docker save --output FILE {plain}`) and list the file there, or use one of {', '.join(available)}"
        )
    raise PreflightError(Problem(key, tagged(text, errors.IMAGE_NOT_ON_NODES)))
