"""Files of the backend's container: an immutable ConfigMap, from which each is mounted at its path."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import ConfigMapVolumeSourceArgs, VolumeArgs, VolumeMountArgs

from .backend_scope import BackendScope

VOLUME = "files"


def files(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> kubernetes.core.v1.ConfigMap | None:
    """Register the ConfigMap; return None without files.

    Pulumi names it. Changed files create a new ConfigMap, and the pods roll over to it.
    """
    if not scope.settings.files:
        return None
    return kubernetes.core.v1.ConfigMap(
        f"{scope.prefix}-files",
        metadata=scope.metadata(named=False),
        immutable=True,
        data={_key(path): content for path, content in scope.settings.files.items()},
        opts=scope.replaceable_options(depends_on),
    )


def volume(config_map: kubernetes.core.v1.ConfigMap) -> VolumeArgs:
    """Return the volume of the files."""
    name = config_map.metadata.apply(lambda metadata: str(metadata.name))
    return VolumeArgs(name=VOLUME, config_map=ConfigMapVolumeSourceArgs(name=name))


def mounts(scope: BackendScope) -> list[VolumeMountArgs]:
    """Return a mount for each file. The directories around them stay those of the image."""
    return [
        VolumeMountArgs(name=VOLUME, mount_path=path, sub_path=_key(path), read_only=True)
        for path in scope.settings.files
    ]


def _key(path: str) -> str:
    """Return a key of a ConfigMap for a path: its last part, and what keeps equal ones apart."""
    name = re.sub(r"[^-._a-zA-Z0-9]", "_", path.rpartition("/")[2])
    return f"{hashlib.sha256(path.encode()).hexdigest()[:8]}-{name[:200]}"
