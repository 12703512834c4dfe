"""Escape text for a Markdown comment, so that nothing from a change acts as markup."""

from __future__ import annotations

import re


def code(text: str) -> str:
    """Return text as inline code that fits a table cell and that no character of it can end."""
    line = " ".join(text.split()).replace("|", "\\|") or " "
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{' ' if longest else ''}{line}{' ' if longest else ''}{fence}"


def cell(text: str) -> str:
    """Return text escaped for a table cell."""
    return " ".join(plain(text).split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Return text in which nothing is markup, a mention or HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#@~])", r"\\\1", escaped)
