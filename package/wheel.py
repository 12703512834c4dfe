"""The wheel's content, for hatchling: the package that is staged, instead of the tree as it lies here.

Runs where nothing but hatchling is installed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StagedWheel(BuildHookInterface):  # type: ignore[misc]  # it is installed only where this runs
    """Names the staged package as the wheel's only content, and removes it afterwards."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stages the package. Raises StagingError."""
        sys.path.insert(0, self.root)
        from package.staging import NAME, stage

        self._folder = tempfile.TemporaryDirectory()
        build_data["force_include"][str(stage(Path(self.root), Path(self._folder.name)))] = NAME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes the staged files."""
        self._folder.cleanup()
