"""Lays the rooms that a Python user needs into one package, ``ha_backend``: as they are named here they would collide.

``settings`` or ``local`` are names that somebody else's modules have as well. Imports are found in the syntax tree, not by
their looks; every other character of a file stays as it is.
"""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

NAME = "ha_backend"
ROOMS = ("settings", "availability", "clouds", "components", "inspection", "preflight", "program", "local")
FRONT = Path("package", "ha_backend.py")
"""What the package exports; it becomes its ``__init__.py``."""


_LEFT = ("__pycache__", "*.pyc", "__main__.py")  # the commands are those of the repository


class StagingError(Exception):
    """A file cannot be laid into the package; the text names it and says what would be right."""


def stage(project: Path, folder: Path) -> Path:
    """Makes the package in ``folder`` and gives its place. Raises StagingError where an import leads out of it."""
    package = folder / NAME
    for room in ROOMS:
        shutil.copytree(project / room, package / room, ignore=shutil.ignore_patterns(*_LEFT))
    shutil.copy(project / FRONT, package / "__init__.py")
    others = {found.parent.name for found in project.glob("*/__init__.py")} - set(ROOMS)
    for file in sorted(package.rglob("*.py")):
        file.write_text(rewritten(file.read_text(), str(file.relative_to(package)), others))
    (package / "py.typed").touch()
    return package


def rewritten(source: str, file: str, others: set[str]) -> str:
    """A file with imports of rooms led into the package. ``others`` are rooms that are not in it. Raises StagingError."""
    lines = source.splitlines(keepends=True)
    imports = [node for node in ast.walk(ast.parse(source, file)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    # The last one first: each then leaves the others where they are.
    for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names, form = [node.module], (r"from\s+", rf"\g<0>{NAME}.")
        elif isinstance(node, ast.Import):  # a relative one is right as it is
            names, form = [alias.name for alias in node.names], (r"", f"from {NAME} ")
        else:
            continue
        first = {name.partition(".")[0] for name in names}
        where = f"{file}:{node.lineno}"
        if outside := sorted(first & others):
            raise StagingError(f"{where}: imports {outside[0]}, which is not in the package: move what is needed into a room "
                               f"that is ({', '.join(ROOMS)}), or add the room to package/staging.py")
        if not first & set(ROOMS):
            continue
        if isinstance(node, ast.Import) and (len(names) > 1 or "." in names[0]):
            raise StagingError(f"{where}: import {', '.join(names)} cannot be led into the package: write "
                               "`from ROOM import NAME`, one room a line")
        line, column = node.lineno - 1, node.col_offset
        before, rest = lines[line][:column], lines[line][column:]
        lines[line] = before + re.sub(form[0], form[1], rest, count=1)
    return "".join(lines)
