"""Whether an image names the same program for every pod of a release."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.conflict import Conflict

# Tags that are moved by convention. Two pods of one release could run different programs.
_MOVING_TAGS = {"latest", "stable", "main", "master", "develop", "dev", "edge", "nightly", "head", "canary", "current"}


def conflicts(backend: BackendSettings, *, production: bool) -> Iterator[Conflict]:
    """Yield images without a fixed tag; with ``production`` or at an edge site, images without a digest."""
    for key, image in backend.images.items():
        yield from _image(key, image, production, edge=backend.edge is not None)


def _image(key: str, image: str, production: bool, *, edge: bool) -> Iterator[Conflict]:
    if "@sha256:" in image:
        return
    if ":" not in image.rpartition("/")[2]:
        yield Conflict(
            key,
            image,
            "has no tag, which means latest, and latest moves from build to build: use the version's own tag, or its "
            "digest (NAME:TAG@sha256:...)",
            kind=errors.IMAGE_TAG_MUTABLE,
        )
    elif image.rpartition(":")[2].lower() in _MOVING_TAGS:
        yield Conflict(
            key,
            image,
            "has a tag that moves from build to build: use the version's own tag, or its digest (NAME:TAG@sha256:...)",
            kind=errors.IMAGE_TAG_MUTABLE,
        )
    elif production:
        yield Conflict(
            key,
            image,
            "is not pinned although protect is true: a tag can be moved, and a pod that starts later would run another "
            "program: pin the image by its digest (NAME:TAG@sha256:...)",
            ("protect",),
            kind=errors.IMAGE_NOT_PINNED,
        )
    elif edge:
        yield Conflict(
            key,
            image,
            "is not pinned, which edge needs: a node keeps what it has pulled under a tag, so pods of one release "
            "could run different programs: pin the image by its digest (NAME:TAG@sha256:...)",
            ("edge",),
            kind=errors.IMAGE_NOT_PINNED,
        )
