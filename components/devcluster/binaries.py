"""Obtains the cluster's programs once per machine: from the cache, an official release or a Go module, in this order.

The cache is ``$HA_BACKEND_CACHE``, ``$XDG_CACHE_HOME/ha-backend`` or ``~/.cache/ha-backend``. A program is stored
atomically, together with its SHA-256 sum. One that no longer matches its sum is obtained again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors.devcluster import BUILD_FAILED, CACHE_NOT_WRITABLE, PROGRAM_UNAVAILABLE
from . import catalog, download
from .catalog import CLUSTER_PROGRAMS, DEFAULT_VERSION, Program
from .errors import DevClusterError
from .locks import held

Log = Callable[[str], None]


def cache_root() -> Path:
    """Return the directory of everything that this project caches outside the repository."""
    if chosen := os.environ.get("HA_BACKEND_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-backend"


def ensure(log: Log, names: Iterable[str] = CLUSTER_PROGRAMS, kubernetes: str = DEFAULT_VERSION) -> dict[str, Path]:
    """Return the path of each program for a version of Kubernetes. Obtains missing and damaged programs first.

    Raises DevClusterError if the cache cannot be written, if a program can be neither downloaded nor built, or if the
    version is not supported.
    """
    programs = [catalog.program(name, kubernetes) for name in names]
    folders = {program.pins: cache_root() / catalog.cache_key(program.pins) for program in programs}
    paths = {program.name: folders[program.pins] / program.name for program in programs}
    missing = [program for program in programs if not _intact(paths[program.name], lambda _: None)]
    with contextlib.ExitStack() as locks:
        for folder in sorted(
            {paths[program.name].parent for program in missing}
        ):  # sorted, so that no two runs wait for each other
            locks.enter_context(_lock(folder, log))
        # Checked again under the locks: another run may have obtained them meanwhile.
        missing = [program for program in missing if not _intact(paths[program.name], log)]
        for number, program in enumerate(missing, 1):
            _obtain(program, paths[program.name], _numbered(log, number, len(missing)))
    return paths


def _obtain(program: Program, path: Path, log: Log) -> None:
    temporary = path.with_name(f".{program.name}.new")
    started = time.monotonic()
    try:
        if source := download.fetch(program, temporary):
            how = f"downloaded from {source}"
        else:
            log(f"{program.name} {program.version}: building from its Go module")
            _build(program, temporary)
            how = "built"
        temporary.chmod(0o755)
        _record(temporary, path)
        log(f"{program.name} {program.version}: {how} in {time.monotonic() - started:.0f} s")
    finally:
        temporary.unlink(missing_ok=True)


def _numbered(log: Log, number: int, count: int) -> Log:
    return lambda text: log(f"[{number}/{count}] {text}")


def _build(program: Program, path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise DevClusterError(
            f"{program.name} {program.version} cannot be downloaded ({download.reason(program)}), and there is no Go "
            "compiler on PATH to build it: install Go 1.26 or later"
            + (", or run once where the network allows the download." if program.url else "."),
            PROGRAM_UNAVAILABLE,
        )
    flags = "-s -w " + program.stamp.format(version=program.version)
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -trimpath", "GOWORK": "off"}
    with _module(program) as module:
        done = subprocess.run(
            [go, "build", *module, "-ldflags", flags, "-o", str(path), program.package],
            cwd=program.pins,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        tail = "\n".join(line for line in done.stderr.splitlines() if "downloading" not in line)[-800:]
        raise DevClusterError(
            f"{program.name} {program.version} cannot be built from its Go module:\n{tail}", BUILD_FAILED
        )


@contextlib.contextmanager
def _module(program: Program) -> Iterator[list[str]]:
    """Yield the Go flags for a build that needs more sums than its ``go.sum`` holds."""
    if not program.sums:
        yield []
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(program.pins / "go.mod", folder)
        sums = [(program.pins / name).read_bytes() for name in ("go.sum", program.sums)]
        (Path(folder) / "go.sum").write_bytes(b"".join(sums))
        yield ["-modfile", f"{folder}/go.mod"]


def _record(temporary: Path, final: Path) -> None:
    entry = {"sha256": _digest(temporary), **_stat(temporary)}
    temporary.replace(final)  # a rename keeps size and time
    _record_path(final).write_text(json.dumps(entry))


def _intact(path: Path, log: Log) -> bool:
    """Return whether a program is as it was stored: by size and time, or by its sum if these differ."""
    try:
        entry = json.loads(_record_path(path).read_text())
        stat = _stat(path)
        if all(entry.get(key) == value for key, value in stat.items()):
            return os.access(path, os.X_OK)
        if _digest(path) == entry["sha256"] and os.access(path, os.X_OK):
            _record_path(path).write_text(json.dumps({**entry, **stat}))
            return True
    except (OSError, ValueError, KeyError, AttributeError):
        if not path.exists():
            return False
    log(f"{path} is damaged (it does not match its recorded SHA-256 sum): obtaining it again")
    return False


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _stat(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _lock(folder: Path, log: Log) -> Iterator[None]:
    """Lock a directory of the cache: one run at a time writes to it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(
                held(folder, log, "waiting for another run on this machine that obtains the same programs")
            )
        except OSError as error:
            raise DevClusterError(
                f"The cache directory {folder} cannot be written ({error.strerror}): set HA_BACKEND_CACHE to a "
                "directory that you can write to, or correct its permissions.",
                CACHE_NOT_WRITABLE,
            ) from None
        yield
