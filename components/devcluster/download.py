"""Fetches a program's official release, checked against the sums its project publishes.

A machine without a way out is found once (a few seconds at the most) and not asked again in the same run.
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

from .catalog import Program, target
from .errors import LocalError

CONNECT_SECONDS = 5
_unreachable: dict[str, str] = {}


def fetch(program: Program, path: Path) -> str | None:
    """Writes the program's release to ``path`` and returns the host it came from; None where none can be reached.

    None at once where none is published. ``HA_BACKEND_DOWNLOAD=never`` skips the network; ``HA_BACKEND_MIRROR=URL`` takes
    the place of every official host. Raises LocalError when a file arrives but its sum is wrong: that is never a reason to
    go on quietly.
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
    """Why the last attempt to download this program gave nothing, in a few words."""
    if not program.url:
        return "none is published"
    host = urllib.parse.urlsplit(_address(program.url, program)).netloc
    return f"{host}: {_unreachable.get(host, 'downloads are switched off or the file is not there')}"


def _address(template: str, program: Program) -> str:
    system, arch = target()
    url = template.format(version=program.version, number=program.version.removeprefix("v"), os=system, arch=arch)
    if mirror := os.environ.get("HA_BACKEND_MIRROR"):
        if urllib.parse.urlsplit(mirror).scheme not in ("http", "https"):
            raise LocalError(
                f"HA_BACKEND_MIRROR: {mirror!r} is not an address; right would be http://... or https://..."
            )
        url = mirror.rstrip("/") + urllib.parse.urlsplit(url).path
    return url


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
        return bytes(answer.read())


def _verify(url: str, content: bytes, sums: str) -> None:
    """A sums file is either the bare sum of its one file, or lines of ``<sum>  <file>``."""
    name = url.rsplit("/", 1)[-1]
    lines = [line.split() for line in sums.splitlines() if line.strip()]
    expected = next((line[0] for line in lines if len(line) == 1 or line[-1].lstrip("*") == name), None)
    actual = hashlib.sha256(content).hexdigest()
    if expected != actual:
        raise LocalError(
            f"{url} does not fit its published SHA-256 sum (published {expected}, received {actual}): "
            "nothing was kept; try again, and if it happens twice, do not trust that network."
        )


def _member(archive: bytes, member: str) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            for entry in tar:
                if entry.isfile() and Path(entry.name).name == member and (source := tar.extractfile(entry)):
                    return source.read()
    raise LocalError(f"The release archive holds no file named {member}.")
