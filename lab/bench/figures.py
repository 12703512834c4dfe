"""The arithmetic: median and extremes of runs, ratios of pairs, and the cost of one more backend."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The minimum, the median and the maximum of figures."""

    least: float
    median: float
    most: float

    def text(self, digits: int = 2) -> str:
        """Return the median, with the extremes if they differ."""
        middle = f"{self.median:.{digits}f}"
        return middle if self.least == self.most else f"{middle} ({self.least:.{digits}f} to {self.most:.{digits}f})"


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of figures. Raises ValueError without any."""
    if not values:
        raise ValueError("no figure was measured")
    return Spread(min(values), statistics.median(values), max(values))


def ratios(ours: Sequence[float], others: Sequence[float]) -> Spread:
    """Return the ratios round by round: a slower machine slows both sides. Raises ValueError for unequal rounds."""
    if len(ours) != len(others):
        raise ValueError(f"{len(ours)} rounds cannot be paired with {len(others)}")
    return spread([one / other for one, other in zip(ours, others, strict=True)])


def each(size: int, value: float) -> float:
    """Return one backend's share of a value for ``size`` backends."""
    return value / size


def slope(by_size: Mapping[int, float]) -> float | None:
    """Return the cost of one more backend by least squares over all sizes; None with fewer than two."""
    if len(by_size) < 2:
        return None
    return statistics.linear_regression(list(by_size), list(by_size.values())).slope


def growth(by_size: Mapping[int, float], smaller: int, larger: int) -> float | None:
    """Return the cost of a backend among many relative to one among few; None if a size was not measured."""
    if smaller not in by_size or larger not in by_size:
        return None
    return each(larger, by_size[larger]) / each(smaller, by_size[smaller])
