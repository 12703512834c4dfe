"""All changes, in tracks. Each change is made to what the ones before it have left."""

from __future__ import annotations

from lab.changes import edits, every_setting, plain
from lab.changes.change import Change

EMBEDDED, EXISTING, PLAIN = "embedded", "existing", "plain"
ALL: dict[str, tuple[Change, ...]] = {
    EMBEDDED: (*every_setting.ON_EMBEDDED, *edits.CHANGES, *every_setting.RECREATED, *edits.LAST),
    EXISTING: (*every_setting.ON_EXISTING, *edits.PROVIDER),
    PLAIN: plain.CHANGES,
}
