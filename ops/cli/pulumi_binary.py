"""Finds the pulumi engine: on PATH, in the project's own folder, or as the official release the SDK installs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.runtime import folders

OLDEST = (3, 250, 0)  # the first whose flags and messages this project was tried with


@dataclass(frozen=True)
class Engine:
    """A pulumi executable that is recent enough."""

    path: str
    version: str


def find(project: Path, log: Callable[[str], None], *, install: bool = True) -> Engine | str:
    """The engine, or why there is none in one sentence."""
    reasons = []
    own = folders.own(project) / "pulumi"
    for path in (shutil.which("pulumi"), str(own / "bin" / "pulumi")):
        if path and Path(path).exists():
            version = _version(path)
            if at_least(version, OLDEST):
                return Engine(path, version)
            reasons.append(
                f"{path} is version {version or 'unknown'}, and {'.'.join(map(str, OLDEST))} or later is needed"
            )
    if not install:
        return "; ".join(reasons) or "pulumi is not on PATH"
    log("pulumi: not here yet, fetching the pinned official release")
    try:
        from pulumi.automation import PulumiCommand

        return Engine(PulumiCommand.install(root=str(own)).command, _version(str(own / "bin" / "pulumi")))
    except Exception as error:  # the SDK's installer raises whatever the network, the shell or the archive raised
        shutil.rmtree(own, ignore_errors=True)
        reasons.append(f"its official release could not be fetched ({_short(error)})")
    return "; ".join(reasons)


def _version(path: str) -> str:
    done = subprocess.run([path, "version"], capture_output=True, text=True, check=False)
    return done.stdout.strip().lstrip("v") if done.returncode == 0 else ""


def at_least(version: str, oldest: tuple[int, int, int]) -> bool:
    """Whether a version, as pulumi names itself, is no older."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return bool(found) and tuple(map(int, found.groups())) >= oldest  # type: ignore[union-attr]


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 160 else f"{text[:157]}..."
