"""Obtains the cluster's programs once per machine: from the cache, else the official release, else Go modules.

The cache is ``$HA_BACKEND_CACHE``, else ``$XDG_CACHE_HOME/ha-backend``, else ``~/.cache/ha-backend``. A program enters
it whole (written beside, then renamed), together with its SHA-256 sum; one that no longer fits its sum is made again.
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

from . import catalog, download
from .catalog import CLUSTER_PROGRAMS, DEFAULT_VERSION, Program
from .errors import LocalError
from .locks import held

Log = Callable[[str], None]


def cache_root() -> Path:
    """The folder that holds everything this project caches outside the repository."""
    if chosen := os.environ.get("HA_BACKEND_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-backend"


def ensure(log: Log, names: Iterable[str] = CLUSTER_PROGRAMS, kubernetes: str = DEFAULT_VERSION) -> dict[str, Path]:
    """The path of each program of a cluster of that version, obtaining first what is missing or damaged.

    Raises LocalError when the cache cannot be written, when a program can neither be downloaded nor built, or when the
    version is not known.
    """
    programs = [catalog.program(name, kubernetes) for name in names]
    folders = {program.pins: cache_root() / catalog.cache_key(program.pins) for program in programs}
    paths = {program.name: folders[program.pins] / program.name for program in programs}
    wanted = [program for program in programs if not _intact(paths[program.name], lambda _: None)]
    with contextlib.ExitStack() as locks:
        for folder in sorted(
            {paths[program.name].parent for program in wanted}
        ):  # sorted: no two runs wait for each other
            locks.enter_context(_lock(folder, log))
        # Asked again under the locks: another run may have just finished the same work.
        wanted = [program for program in wanted if not _intact(paths[program.name], log)]
        for number, program in enumerate(wanted, 1):
            _obtain(program, paths[program.name], _numbered(log, number, len(wanted)))
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
        raise LocalError(
            f"{program.name} {program.version} is needed, its release cannot be downloaded from here "
            f"({download.reason(program)}), and there is no Go compiler on PATH to build it: install Go 1.26 or later"
            + (", or run once where the network allows the download." if program.url else ".")
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
        raise LocalError(f"{program.name} {program.version} could not be built from its Go module:\n{tail}")


@contextlib.contextmanager
def _module(program: Program) -> Iterator[list[str]]:
    """The words that make Go read the sums the program needs besides those of its ``go.sum``."""
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
    """Whether a program is the one that was stored: by size and time, and by its sum where those differ."""
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
    log(f"{path} is damaged (it does not fit its recorded SHA-256 sum): obtaining it again")
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
    """One builder at a time."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(
                held(folder, log, "another run on this machine is obtaining the same programs: waiting for it")
            )
        except OSError as error:
            raise LocalError(
                f"The cache folder {folder} cannot be written ({error.strerror}): set HA_BACKEND_CACHE to a "
                "folder of yours, or correct its permissions."
            ) from None
        yield
