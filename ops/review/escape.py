"""Text for a comment in which nothing that comes from a change is markup: it can neither form the comment nor break it."""

from __future__ import annotations

import re


def code(text: str) -> str:
    """Inline code that nothing in it can end, in one line of a table."""
    line = " ".join(text.split()).replace("|", "\\|") or " "
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{' ' if longest else ''}{line}{' ' if longest else ''}{fence}"


def cell(text: str) -> str:
    """Text in one line of a table."""
    return " ".join(plain(text).split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Text in which nothing is markup, a mention or HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#@~])", r"\\\1", escaped)
