"""List the generated pages: where each one belongs, and which pure function returns its Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from lab.pages import benchmarks_page, drills_page

from components.settings.reference import settings_page
from ops.cli.reference import exit_codes_page
from ops.provider.reference import components_page
from policy.document import policy_page
from tools.docs.errors import errors_page

PAGES: dict[str, Callable[[], str]] = {
    "reference/settings.md": settings_page,
    "reference/components.md": components_page,
    "reference/exit-codes.md": exit_codes_page,
    "reference/errors.md": errors_page,
    "reference/policy-rules.md": policy_page,
    "reference/drills.md": drills_page,
    "reference/benchmarks.md": benchmarks_page,
}
"""Sources of the generated pages, by their path below docs/."""


def page(path: str) -> str:
    """Return a generated page, with mentions of other pages (``docs/how-to/edge.md``) turned into links."""
    return linked(PAGES[path](), path)


def linked(text: str, path: str) -> str:
    """Turn ``docs/FOLDER/NAME.md`` in plain text into a link relative to ``path``."""

    def link(match: re.Match[str]) -> str:
        target = match[1]
        return f"[{target.removesuffix('.md')}]({posixpath.relpath(target, posixpath.dirname(path))})"

    return re.sub(r"(?<![\w/`\[])(?<!\]\()docs/([\w-]+(?:/[\w-]+)*\.md)", link, text)
