"""Builds container images of one static binary each, without Docker, as archives like those of `docker save`.

`ctr --namespace k8s.io images import FILE` and `docker load --input FILE` accept them. The same binary gives the same
bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from pathlib import Path

from ..errors.devcluster import CACHE_NOT_WRITABLE
from . import binaries, catalog
from .binaries import Log
from .errors import DevClusterError

FORMAT = "2"  # increment it when the archive of the same binary changes, so that old archives are not used
_REGISTRY = "ha-backend.local"  # resolves nowhere, so an image that was not imported is never pulled from a registry
SAMPLES = {
    "podinfo": f"{_REGISTRY}/podinfo:{catalog.program('podinfo').version.removeprefix('v')}",
    "naive": f"{_REGISTRY}/naive:1",
    "pause": f"{_REGISTRY}/pause:1",
}


def next_release(reference: str) -> str:
    """Return a second name of the same image, which stands for the next release of the program."""
    return f"{reference}-next"


def samples(log: Log) -> dict[str, Path]:
    """Return the archive of each image of ``SAMPLES``, in the cache next to its program. Builds missing ones.

    Raises DevClusterError if a program can be neither downloaded nor built, or if the cache cannot be written.
    """
    programs = binaries.ensure(log, SAMPLES)
    return {name: _cached(programs[name], reference, log) for name, reference in SAMPLES.items()}


def write_archive(binary: Path, reference: str, target: Path) -> Path:
    """Write an image with ``binary`` as its entrypoint, under two names, to ``target``, and return that path.

    The binary is the image's only file, executable for every user. The image sets no user. The file is replaced
    atomically. Raises OSError.
    """
    layer = _tar({binary.name: (binary.read_bytes(), 0o755)})
    system, arch = catalog.target()
    config = json.dumps(
        {
            "architecture": arch,
            "os": system,
            "config": {"Entrypoint": [f"/{binary.name}"], "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    config_file = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps(
        [{"Config": config_file, "RepoTags": [reference, next_release(reference)], "Layers": ["layer.tar"]}]
    ).encode()
    content = _tar({config_file: (config, 0o644), "layer.tar": (layer, 0o644), "manifest.json": (manifest, 0o644)})
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        new = Path(folder) / target.name
        new.write_bytes(content)
        return new.replace(target)


def _cached(binary: Path, reference: str, log: Log) -> Path:
    with binary.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(f"{reference} {FORMAT}".encode())
    target = binary.with_name(f"{binary.name}-{digest.hexdigest()[:10]}.tar")
    if not target.exists():
        log(f"{binary.name}: packing the image {reference}")
        try:
            write_archive(binary, reference, target)
        except OSError as error:
            raise DevClusterError(
                f"{target} cannot be written ({error.strerror}): set HA_BACKEND_CACHE to a directory that you can "
                "write to, or correct its permissions.",
                CACHE_NOT_WRITABLE,
            ) from None
    return target


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Return a tar archive of files by name, each with content and mode, owned by root and dated 1970."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
