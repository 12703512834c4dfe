"""Downloads a program's official release and verifies the SHA-256 sum that its project publishes.

An unreachable host is tried once in a run, for at most a few seconds.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from ..errors.devcluster import CHECKSUM_MISMATCH, INCOMPLETE_RELEASE, INVALID_MIRROR
from .catalog import Program, target
from .errors import DevClusterError

CONNECT_SECONDS = 5
_unreachable: dict[str, str] = {}


def fetch(program: Program, path: Path) -> str | None:
    """Write the program's release to ``path`` and return the host that it came from; None if no host is reachable.

    Returns None at once if the project publishes no executable. ``HA_BACKEND_DOWNLOAD=never`` disables downloads, and
    ``HA_BACKEND_MIRROR=URL`` replaces every official host. Raises DevClusterError if the sum of a received file is
    wrong, instead of building the program: a wrong sum needs attention.
    """
    if not program.url:
        return None
    url = _address(program.url, program)
    host = urllib.parse.urlsplit(url).netloc
    if host in _unreachable or os.environ.get("HA_BACKEND_DOWNLOAD") == "never":
        return None
    try:
        content = _read(url)
        if program.checksums:
            _verify(url, content, _read(_address(program.checksums, program)).decode())
    except (OSError, http.client.HTTPException) as error:
        if not (isinstance(error, urllib.error.HTTPError) and error.code == 404):
            _unreachable[host] = str(getattr(error, "reason", error))
        return None
    if program.member:
        content = _member(content, program.member)
    path.write_bytes(content)
    return host


def reason(program: Program) -> str:
    """Return why the last download of this program failed."""
    if not program.url:
        return "no release is published"
    host = urllib.parse.urlsplit(_address(program.url, program)).netloc
    return f"{host}: {_unreachable.get(host, 'downloads are disabled, or the file does not exist')}"


def _address(template: str, program: Program) -> str:
    system, arch = target()
    url = template.format(version=program.version, number=program.version.removeprefix("v"), os=system, arch=arch)
    if mirror := os.environ.get("HA_BACKEND_MIRROR"):
        if urllib.parse.urlsplit(mirror).scheme not in ("http", "https"):
            raise DevClusterError(
                f"HA_BACKEND_MIRROR: {mirror!r} is not an HTTP address: use http://... or https://...", INVALID_MIRROR
            )
        url = mirror.rstrip("/") + urllib.parse.urlsplit(url).path
    return url


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as response:
        return bytes(response.read())


def _verify(url: str, content: bytes, sums: str) -> None:
    """Verify a file. ``sums`` is either the sum of one file or lines of ``<sum>  <file>``."""
    name = url.rsplit("/", 1)[-1]
    lines = [line.split() for line in sums.splitlines() if line.strip()]
    expected = next((line[0] for line in lines if len(line) == 1 or line[-1].lstrip("*") == name), None)
    actual = hashlib.sha256(content).hexdigest()
    if expected != actual:
        raise DevClusterError(
            f"{url} does not match its published SHA-256 sum (published {expected}, received {actual}) and was "
            "discarded: run this again, and if it happens twice, do not trust the network.",
            CHECKSUM_MISMATCH,
        )


def _member(archive: bytes, member: str) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            for entry in tar:
                if entry.isfile() and Path(entry.name).name == member and (source := tar.extractfile(entry)):
                    return source.read()
    raise DevClusterError(
        f"The release archive contains no file named {member}: check the mirror, or set HA_BACKEND_DOWNLOAD=never.",
        INCOMPLETE_RELEASE,
    )
