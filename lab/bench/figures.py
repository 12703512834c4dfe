"""The arithmetic: of several runs the middle and the extremes, of pairs the ratios, of sizes the cost of one more."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The smallest, the middle and the largest of some figures."""

    least: float
    median: float
    most: float

    def text(self, digits: int = 2) -> str:
        """The middle, and the extremes where there are several."""
        middle = f"{self.median:.{digits}f}"
        return middle if self.least == self.most else f"{middle} ({self.least:.{digits}f} to {self.most:.{digits}f})"


def spread(values: Sequence[float]) -> Spread:
    """Of one figure or more. Raises ValueError where there is none."""
    if not values:
        raise ValueError("no figure was measured")
    return Spread(min(values), statistics.median(values), max(values))


def ratios(ours: Sequence[float], others: Sequence[float]) -> Spread:
    """Round by round, so that a machine that slows down slows both sides of each. Raises ValueError where rounds differ."""
    if len(ours) != len(others):
        raise ValueError(f"{len(ours)} rounds cannot be paired with {len(others)}")
    return spread([one / other for one, other in zip(ours, others, strict=True)])


def each(size: int, value: float) -> float:
    """What one backend of ``size`` takes of the whole."""
    return value / size


def slope(by_size: Mapping[int, float]) -> float | None:
    """What one backend more costs, by least squares over all sizes; None with fewer than two of them."""
    if len(by_size) < 2:
        return None
    return statistics.linear_regression(list(by_size), list(by_size.values())).slope


def growth(by_size: Mapping[int, float], smaller: int, larger: int) -> float | None:
    """How many times as much one backend takes among many as among few; None where a size was not measured."""
    if smaller not in by_size or larger not in by_size:
        return None
    return each(larger, by_size[larger]) / each(smaller, by_size[smaller])
