"""Container images of one static binary each, made without Docker: archives as `docker save` writes them.

`ctr --namespace k8s.io images import FILE` and `docker load --input FILE` take them. The same binary gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from pathlib import Path

from . import binaries, catalog
from .binaries import Log
from .errors import LocalError

FORMAT = "2"  # raise it when an archive of the same binary is to look different, so that old ones are left alone
_REGISTRY = "ha-backend.local"  # resolves nowhere: an image that was not imported is never pulled from somebody else
SAMPLES = {
    "podinfo": f"{_REGISTRY}/podinfo:{catalog.program('podinfo').version.removeprefix('v')}",
    "naive": f"{_REGISTRY}/naive:1",
    "pause": f"{_REGISTRY}/pause:1",
}


def following(reference: str) -> str:
    """Another name of the same image, for a next release of the same program."""
    return f"{reference}-next"


def samples(log: Log) -> dict[str, Path]:
    """The archive of each image of ``SAMPLES``, in the cache beside its program; made where the program is a new one.

    Raises LocalError when a program can neither be downloaded nor built, or when the cache cannot be written.
    """
    programs = binaries.ensure(log, SAMPLES)
    return {name: _kept(programs[name], reference, log) for name, reference in SAMPLES.items()}


def archive(binary: Path, reference: str, target: Path) -> Path:
    """Writes an image of ``binary``, its entrypoint, under two names, and returns ``target``, which is whole at every moment.

    The binary is the image's only file, executable for every user; the image names none. Raises OSError.
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
    named = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps(
        [{"Config": named, "RepoTags": [reference, following(reference)], "Layers": ["layer.tar"]}]
    ).encode()
    content = _tar({named: (config, 0o644), "layer.tar": (layer, 0o644), "manifest.json": (manifest, 0o644)})
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        new = Path(folder) / target.name
        new.write_bytes(content)
        return new.replace(target)


def _kept(binary: Path, reference: str, log: Log) -> Path:
    with binary.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(f"{reference} {FORMAT}".encode())
    target = binary.with_name(f"{binary.name}-{digest.hexdigest()[:10]}.tar")
    if not target.exists():
        log(f"{binary.name}: packing the image {reference}")
        try:
            archive(binary, reference, target)
        except OSError as error:
            raise LocalError(
                f"{target} cannot be written ({error.strerror}): set HA_BACKEND_CACHE to a folder of yours, "
                "or correct its permissions."
            ) from None
    return target


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Files of owner 0, each a name, its content and its mode, changed in 1970."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
