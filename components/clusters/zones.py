"""The zones of a cluster, as every kind of cluster lists them."""

from pydantic import AfterValidator

from ..errors import settings as errors
from ..settings.base import InvalidValueError


def _distinct(zones: list[str]) -> list[str]:
    """Return the zones. Raises InvalidValueError if one is listed more than once."""
    if duplicates := sorted({zone for zone in zones if zones.count(zone) > 1}):
        raise InvalidValueError(
            f"lists {', '.join(duplicates)} more than once: list each zone once", errors.DUPLICATE_ENTRY
        )
    return zones


DISTINCT = AfterValidator(_distinct)
"""The validator of a list of zones."""
