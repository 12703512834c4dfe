"""Archives of container images, as `docker save` writes them: which images are in one."""

from __future__ import annotations

import json
import os
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .errors import LocalError

_KEY = "ha-backend:cluster.images"
_NAME = "io.containerd.image.name"  # the annotation that newer versions of Docker write into index.json


def paths(given: Iterable[str]) -> tuple[Path, ...]:
    """The files that the settings name; those without a leading slash are looked for in the current folder."""
    return tuple(Path(os.path.expandvars(path)).expanduser().absolute() for path in given)


def names(archive: Path) -> set[str]:
    """The full names of the images in an archive. Raises LocalError where it is none, or none in it has a name."""
    try:
        with tarfile.open(archive) as tar:
            found = _names(tar)
    except OSError as error:
        raise LocalError(
            f"{_KEY}: {archive} cannot be read ({error.strerror or error}): name an archive as `docker save` writes it."
        ) from None
    except (tarfile.TarError, zlib.error, EOFError, KeyError, TypeError, ValueError, AttributeError):
        raise LocalError(f"{_KEY}: {archive} is not an archive as `docker save` writes it.") from None
    if not found:
        raise LocalError(
            f"{_KEY}: no image in {archive} has a name: save it by its name (`docker save NAME:TAG`), not by its id."
        )
    return {canonical(name) for name in found}


def canonical(reference: str) -> str:
    """An image's whole name, e.g. docker.io/library/nginx:1.29 for nginx:1.29, as container runtimes understand it."""
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
