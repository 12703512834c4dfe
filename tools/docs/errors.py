"""Generate the reference of errors from the catalogues."""

from __future__ import annotations

from types import ModuleType

from components.errors import ErrorKind
from components.errors.catalogue import CHAPTERS, kinds
from ops.cli import errors as commands
from ops.convert import errors as conversion

ALL_CHAPTERS: tuple[tuple[str, ModuleType], ...] = (*CHAPTERS, ("Commands", commands), ("Conversion", conversion))
"""The library's catalogues and those of the commands, in the order of the page."""

_INTRODUCTION = """\
# Errors

Every error that you can act on ends with an id in brackets, such as `[replicas-too-few]`. Find the id on this page, or
paste it into the search. Each entry says which promise the rejection protects and what to do.

Ids are a [contract](stability.md): an id never changes its meaning and is never reused.
"""


def errors_page() -> str:
    """Return the page as Markdown: one chapter per catalogue, one heading per id."""
    parts = [_INTRODUCTION, _index()]
    for title, module in ALL_CHAPTERS:
        parts.append(f"## {title}\n")
        parts += [_entry(kind) for kind in kinds(module)]
    return "\n".join(parts)


def _index() -> str:
    rows = [f"| [{title}](#{_anchor(title)}) | {len(kinds(module))} |" for title, module in ALL_CHAPTERS]
    return "\n".join(["| Chapter | Errors |", "|---|---|", *rows]) + "\n"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _entry(kind: ErrorKind) -> str:
    # The id is the heading, so that its anchor is what a message prints in brackets.
    return f"### {kind.id}\n\n**{kind.title}.** {kind.meaning}\n\n**What to do:** {kind.remedy}\n"
