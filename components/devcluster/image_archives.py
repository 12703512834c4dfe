"""Archives of container images, as `docker save` writes them, and the images in them."""

from __future__ import annotations

import json
import os
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors.devcluster import INVALID_IMAGE_ARCHIVE
from .errors import DevClusterError

_KEY = "ha-backend:cluster.images"
_NAME = "io.containerd.image.name"  # annotation in index.json, by newer versions of Docker


def paths(settings: Iterable[str]) -> tuple[Path, ...]:
    """Return the absolute paths of the files in the settings. Relative paths start at the working directory."""
    return tuple(Path(os.path.expandvars(path)).expanduser().absolute() for path in settings)


def names(archive: Path) -> set[str]:
    """Return the full names of the images in an archive.

    Raises DevClusterError if the file is not an archive, or if no image in it has a name.
    """
    try:
        with tarfile.open(archive) as tar:
            images = _names(tar)
    except OSError as error:
        raise DevClusterError(
            f"{_KEY}: {archive} cannot be read ({error.strerror or error}): use an archive that `docker save` wrote.",
            INVALID_IMAGE_ARCHIVE,
        ) from None
    except (tarfile.TarError, zlib.error, EOFError, KeyError, TypeError, ValueError, AttributeError):
        raise DevClusterError(
            f"{_KEY}: {archive} is not an image archive: use an archive that `docker save` wrote.",
            INVALID_IMAGE_ARCHIVE,
        ) from None
    if not images:
        raise DevClusterError(
            f"{_KEY}: no image in {archive} has a name: save it by its name (`docker save NAME:TAG`), not by its ID.",
            INVALID_IMAGE_ARCHIVE,
        )
    return {canonical(name) for name in images}


def canonical(reference: str) -> str:
    """Return an image's full name as container runtimes use it: docker.io/library/nginx:1.29 for nginx:1.29."""
    name, at, digest = reference.partition("@")
    if ":" not in name.rpartition("/")[2] and not at:
        name += ":latest"
    host, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif host != "localhost" and not set(host) & set(".:"):
        name = f"docker.io/{name}"
    return f"{name}{at}{digest}"


def _names(tar: tarfile.TarFile) -> list[str]:
    known = tar.getnames()
    if "manifest.json" in known:
        return [name for image in _json(tar, "manifest.json") for name in image.get("RepoTags") or []]
    entries = _json(tar, "index.json")["manifests"]
    return [entry["annotations"][_NAME] for entry in entries if _NAME in (entry.get("annotations") or {})]


def _json(tar: tarfile.TarFile, name: str) -> Any:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return json.load(file)
