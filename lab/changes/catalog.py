"""All changes, in tracks: each is made to what those before it in its track have left."""

from __future__ import annotations

from lab.changes import edits, ours, plain
from lab.changes.change import Change

EMBEDDED, EXISTING, PLAIN = "embedded", "existing", "plain"
ALL: dict[str, tuple[Change, ...]] = {
    EMBEDDED: (*ours.ON_EMBEDDED, *edits.CHANGES, *ours.MADE_ANEW, *edits.LAST),
    EXISTING: (*ours.ON_EXISTING, *edits.PROVIDER),
    PLAIN: plain.CHANGES,
}
