"""Before an embedded cluster is made: its programs are here, its folder can be written, its port is free, its nodes can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..devcluster import binaries, image_archives
from ..devcluster import images as samples
from ..devcluster.catalog import CLUSTER_PROGRAMS
from ..devcluster.cluster import EmbeddedCluster
from ..devcluster.errors import LocalError
from ..settings import LocalCluster
from .problems import PreflightError


def cluster(settings: LocalCluster, folder: Path, log: Callable[[str], None]) -> EmbeddedCluster:
    """The cluster that the settings describe, in its folder."""
    return EmbeddedCluster(
        folder,
        settings.zones,
        settings.nodes_per_zone,
        settings.api_port,
        settings.kubernetes,
        log,
        settings.nodes == "real",
        image_archives.paths(settings.images),
    )


def check(settings: LocalCluster, folder: Path, log: Callable[[str], None], images: Mapping[str, str]) -> None:
    """Obtains the programs where they are missing, which takes minutes once a machine. Raises PreflightError."""
    wanted = cluster(settings, folder, log)
    try:
        wanted.check()
        for key, image in images.items() if settings.nodes == "real" else ():
            _have(key, image, wanted.images)
        binaries.ensure(log, (*CLUSTER_PROGRAMS, *wanted.fleet.needs), settings.kubernetes)
        wanted.check_room()
    except LocalError as error:
        raise PreflightError(str(error)) from None


def _have(key: str, image: str, given: tuple[Path, ...]) -> None:
    """Real nodes reach no registry. An image that they do not have could never start, so that is refused and not warned of."""
    offered = [reference for name, reference in samples.SAMPLES.items() if name != "pause"]
    offered += sorted({name for archive in given for name in image_archives.names(archive)})
    there = {*offered, *map(samples.following, samples.SAMPLES.values())}
    if image_archives.canonical(image) in there:
        return
    plain = image.partition("@")[0]
    if image_archives.canonical(plain) in there:
        raise LocalError(
            f"ha-backend:backend.{key}: {image!r} names a digest, and an archive holds names only: with real "
            "nodes leave the digest out, and protect too"
        )
    raise LocalError(
        f"ha-backend:backend.{key}: {image!r} is in no archive of cluster.images, and real nodes reach no "
        f"registry: save it (`docker save --output FILE {plain}`) and name the file there, or take one of "
        f"{', '.join(offered)}"
    )
