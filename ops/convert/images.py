"""Convert images: a reference without a fixed tag becomes a line to fill in."""

from __future__ import annotations

import re

from ops.convert.notes import Notes

_MOVING = {"latest", "stable", "main", "master", "develop", "dev", "edge", "nightly", "head", "canary", "current"}
_REFERENCE = re.compile(
    r"(?P<name>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?P<digest>@sha256:[a-f0-9]{64})?"
)
PLACEHOLDER = "TODO"
_PROMISE = "all pods of a release run the same program"


def image(reference: object, setting: str, path: str, notes: Notes) -> str:
    """Return an image reference with a tag or a digest. What cannot be known is the tag TODO, which no image has."""
    text = str(reference or "")
    match = _REFERENCE.fullmatch(text)
    if match and (match["digest"] or (match["tag"] and match["tag"].lower() not in _MOVING)):
        return text
    if match:
        moved = f"the tag {match['tag']} moves from build to build" if match["tag"] else "there is no tag"
        notes.ask(setting, f"{text}: {moved}. Replace {PLACEHOLDER} by the version that runs today, or use its digest.")
        notes.changed("Deployment", path, f"{text or 'no image'}: {moved}, and only you know the version", _PROMISE)
        return f"{match['name']}:{PLACEHOLDER}"
    last = re.sub(r"[^a-z0-9]+", "-", text.rpartition("/")[2].partition(":")[0].lower()).strip("-") or "image"
    notes.ask(setting, f"{text!r} is no image reference, such as registry.example.com/shop/web:1.2.3. Set it.")
    notes.changed("Deployment", path, f"{text!r} is no image reference: a build tool replaces it", _PROMISE)
    return f"registry.invalid/{last}:{PLACEHOLDER}"
