"""Find the Pulumi engine: on PATH, in the project's own folder, or as the official release that the SDK installs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components import folders
from components.errors import tagged
from ops.cli.errors import PULUMI_TOO_OLD

OLDEST = (3, 250, 0)  # the oldest version whose flags and messages were tried


@dataclass(frozen=True)
class Engine:
    """A pulumi executable that is recent enough."""

    path: str
    version: str


def find(project: Path, log: Callable[[str], None], *, install: bool = True) -> Engine | str:
    """Return the engine, or the reason why there is none. ``install``: download the official release if needed."""
    reasons = []
    own = folders.own(project) / "pulumi"
    for path in (shutil.which("pulumi"), str(own / "bin" / "pulumi")):
        if path and Path(path).exists():
            version = _version(path)
            if at_least(version, OLDEST):
                return Engine(path, version)
            oldest = ".".join(map(str, OLDEST))
            reasons.append(
                tagged(f"{path} is version {version or 'unknown'}: install {oldest} or later", PULUMI_TOO_OLD)
            )
    if not install:
        return "; ".join(reasons) or "pulumi is not on PATH"
    log("pulumi: not found, downloading the pinned official release")
    try:
        from pulumi.automation import PulumiCommand

        return Engine(PulumiCommand.install(root=str(own)).command, _version(str(own / "bin" / "pulumi")))
    except Exception as error:  # the SDK's installer raises whatever the network, the shell or the archive raised
        shutil.rmtree(own, ignore_errors=True)
        reasons.append(f"the official release could not be downloaded ({_short(error)})")
    return "; ".join(reasons)


def _version(path: str) -> str:
    result = subprocess.run([path, "version"], capture_output=True, text=True, check=False)
    return result.stdout.strip().lstrip("v") if result.returncode == 0 else ""


def at_least(version: str, oldest: tuple[int, int, int]) -> bool:
    """Return whether a version, in the form that pulumi prints, is not older."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return match is not None and tuple(map(int, match.groups())) >= oldest


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 160 else f"{text[:157]}..."
