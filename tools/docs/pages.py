"""List the generated pages: where each one belongs, and which pure function returns its Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from components.settings.reference import settings_page
from lab.pages import benchmarks_page, drills_page
from ops.cli.reference import exit_codes_page
from ops.provider.reference import components_page
from policy.document import policy_page
from tools.docs.errors import errors_page

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "reference/settings.md": ("Settings", settings_page),
    "reference/components.md": ("Components", components_page),
    "reference/exit-codes.md": ("Exit codes", exit_codes_page),
    "reference/errors.md": ("Errors", errors_page),
    "reference/policy-rules.md": ("Policy rules", policy_page),
    "reference/drills.md": ("Drills", drills_page),
    "reference/benchmarks.md": ("Benchmarks", benchmarks_page),
}
"""Titles and sources of the generated pages, by their path below docs/."""


def page(path: str) -> str:
    """Return a generated page, with mentions of other pages (``docs/how-to/edge.md``) turned into links."""
    title, source = PAGES[path]
    text = source()
    return linked(text if text.startswith("# ") else f"# {title}\n\n{text}", path)


def linked(text: str, path: str) -> str:
    """Turn ``docs/FOLDER/NAME.md`` in plain text into a link relative to ``path``, with the title of that page."""

    def link(match: re.Match[str]) -> str:
        return f"[{_title(match[1])}]({posixpath.relpath(match[1], posixpath.dirname(path))})"

    return re.sub(r"(?<![\w/`\[])(?<!\]\()docs/([\w-]+(?:/[\w-]+)*\.md)", link, text)


def _title(path: str) -> str:
    if path in PAGES:
        return PAGES[path][0]
    return (DOCS / path).read_text().partition("\n")[0].removeprefix("# ")
