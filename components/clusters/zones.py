"""A check that kinds of cluster share."""

from ..errors import settings as errors
from ..settings.base import InvalidValueError


def distinct(zones: list[str]) -> list[str]:
    """Return the zones. Raises InvalidValueError if one is listed more than once."""
    if duplicates := sorted({zone for zone in zones if zones.count(zone) > 1}):
        raise InvalidValueError(
            f"lists {', '.join(duplicates)} more than once: list each zone once", errors.DUPLICATE_ENTRY
        )
    return zones
