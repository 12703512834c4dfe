"""Figures as text."""

from __future__ import annotations

from lab.drills.measure import Figures
from lab.drills.verdict import Limits, Status

STATUS: dict[Status, tuple[str, str]] = {
    "kept": ("✓", "kept"),
    "broken": ("✕", "broken"),
    "invalid": ("?", "inconclusive"),
}


def fraction(part: int, whole: int) -> str:
    """Return ``3 of 12,000``."""
    return f"{part:,} of {whole:,}"


def seconds(value: float) -> str:
    """Return ``0 s``, ``1.3 s``, ``57 s`` or ``5 min 57 s``."""
    if value < 0.05:
        return "0 s"
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s".removesuffix(" 0 s")


def tick(value: int) -> str:
    """Return whole seconds before or after the fault: ``-5 s``, ``90 s``, ``2 min``."""
    if abs(value) < 10:
        return f"{value} s"
    return ("-" if value < 0 else "") + seconds(abs(value))


def milliseconds(value: float) -> str:
    """Return ``2.1 ms``, ``120 ms`` or ``1.2 s``."""
    if value >= 999.5:
        return seconds(value / 1000)
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def percent(share: float) -> str:
    """Return a share of 0 to 1 as ``0 %``, ``under 0.01 %`` or ``1.3 %``; ``100 %`` only for all."""
    if 0 < share < 0.0001:
        return "under 0.01 %"
    return f"{min(100 * share, 99.9 if share < 1 else 100):.2g} %" if share < 0.0995 else f"{_near(share):.3g} %"


def _near(share: float) -> float:
    return 100.0 if share >= 1 else min(100 * share, 99.9)


def fewest_ready(figures: Figures) -> str:
    """Return the minimum of ready endpoints."""
    seen = figures.endpoints
    return "unknown" if seen.least_ready is None else f"{seen.least_ready} of {seen.full} in {seen.least_zones} zones"


def promised(limits: Limits) -> list[str]:
    """Return each limit in a few words; "nothing" without any limit."""
    texts = []
    if limits.failed is not None:
        texts.append("no failed request" if limits.failed == 0 else f"at most {limits.failed:,} failed requests")
    if limits.failed_share is not None:
        texts.append(f"at most {percent(limits.failed_share)} of requests fail")
    if limits.first_failure is not None:
        texts.append(f"no failure in the first {seconds(limits.first_failure)}")
    if limits.error_window_seconds is not None:
        texts.append(f"no failure after {seconds(limits.error_window_seconds)}")
    if limits.longest_gap is not None:
        texts.append(f"down for at most {seconds(limits.longest_gap)}")
    if limits.full_seconds is not None:
        texts.append(
            "never fewer pods" if limits.full_seconds == 0 else f"all pods back within {seconds(limits.full_seconds)}"
        )
    if limits.full_after_restore:
        texts.append("all pods back when what was lost returns")
    if limits.least_ready is not None:
        texts.append(f"at least {limits.least_ready} pods ready")
    if limits.least_zones is not None:
        texts.append(f"pods in at least {limits.least_zones} zones")
    if limits.same_pods:
        texts.append("the same pods throughout")
    return texts or ["nothing"]
