"""The figures as Markdown: measured next to the goal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from lab.bench import figures, profile
from lab.bench.checkpoint import Figures, column
from lab.bench.figures import spread

ACTIONS = {"preview": "preview, no change", "up": "up, no change", "first": "first up"}
NAMES = {
    "ours": "ha-backend",
    "handwritten": "hand-written",
    "component": "hand-written component",
    "helm": "helm",
    "kubectl": "kubectl",
    "floor-objects": "floor: ConfigMaps",
    "floor-random": "floor: no API server",
}
GOAL_RATIO, GOAL_GROWTH, GOAL_SHARE = 1.05, 1.1, 10
FEW = 10
BASELINES = ("handwritten", "helm", "kubectl")


@dataclass(frozen=True)
class Table:
    """A table of the report, with the sentence above it."""

    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return the note and the table as Markdown."""
        rows = [self.head, *self.rows]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        lines.insert(1, "|" + "---|" * len(self.head))
        return "\n".join([self.note, "", *lines] if self.note else lines)


def tables(raw: Figures) -> list[Table]:
    """Return the tables of every part that was measured."""
    return [table for part in (_cluster, _one, _many, _program) for table in part(raw) if table.rows]


def machine(about: Mapping[str, str]) -> str:
    """Return the machine and the versions as a sentence; "" if unknown."""
    return ", ".join(f"{key} {value}" for key, value in about.items()) + "." if about else ""


def markdown(raw: Figures) -> str:
    """Return the whole report as Markdown."""
    parts = [machine(raw.get("machine", {})), *(table.markdown() for table in tables(raw))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cluster(raw: Figures) -> Iterator[Table]:
    cluster = raw.get("cluster", {})
    rows = []
    if "ready_s" in cluster:
        rows.append(("embedded cluster ready", f"{spread(cluster['ready_s']).text(1)} s", "6 s"))
    if "resident_mib" in cluster:
        rows.append(("embedded cluster resident", f"{cluster['resident_mib']:.0f} MiB", "1024 MiB"))
    if warm := column(raw, "seconds", "cluster", "make_up_warm"):
        rows.append(("`make up` without a cluster, until verified", f"{spread(warm).text(0)} s", "75 s"))
    yield Table("", ("figure", "measured", "goal: at most"), tuple(rows))


def _one(raw: Figures) -> Iterator[Table]:
    rows = []
    for action, title in ACTIONS.items():
        taken = {name: column(raw, "seconds", "one", action, name) for name in ("ours", *BASELINES)}
        for name, values in taken.items():
            if values:
                ratio = (
                    ""
                    if name == "ours" or len(values) != len(taken["ours"])
                    else figures.ratios(taken["ours"], values).text()
                )
                goal = f"{GOAL_RATIO}" if name == "handwritten" else ""
                rows.append((title, NAMES[name], f"{spread(values).text()} s", ratio, goal))
    yield Table(
        "One backend: median of all rounds, with the extremes. Ratios are computed round by round.",
        ("action", "contender", "seconds", "ha-backend / contender", "goal: at most"),
        tuple(rows),
    )


def _many(raw: Figures) -> Iterator[Table]:
    sizes = sorted(map(int, raw.get("many", {})))
    rows = []
    for action in ("preview", "up"):
        for name, title in NAMES.items():
            for size in sizes:
                seconds, memory = (column(raw, key, "many", str(size), action, name) for key in ("seconds", "peak_mib"))
                if seconds:
                    rows.append(
                        (
                            "first up" if action == "up" else ACTIONS[action],
                            title,
                            str(size),
                            f"{spread(seconds).text()} s",
                            f"{figures.each(size, spread(seconds).median):.3f} s",
                            f"{spread(memory).median:.0f} MiB",
                            f"{figures.each(size, spread(memory).median):.1f} MiB",
                        )
                    )
    if not rows:
        return
    yield Table(
        "Several backends in one stack. Memory is the maximum of the engine, its providers and the program together.",
        ("action", "contender", "backends", "seconds", "each", "memory", "each"),
        tuple(rows),
    )
    yield Table("", ("several backends", "measured", "goal: at most"), tuple(_goals(raw, sizes)))


def _goals(raw: Figures, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    """Yield the growth from few to many, and the ratio to the baselines at the largest size."""
    largest = max(sizes)
    for action in ("preview", "up"):
        title = "first up" if action == "up" else "preview"
        for key, unit in (("seconds", "seconds"), ("peak_mib", "MiB")):
            median = {name: by_size(raw, key, action, name) for name in NAMES}
            for name, contender in NAMES.items():
                growth = figures.growth(median[name], FEW, largest)
                if growth is not None and largest > FEW and not (key == "peak_mib" and name.startswith("floor")):
                    yield (
                        f"{unit} a backend, {title}, {contender}: at {largest} relative to {FEW}",
                        f"{growth:.2f}",
                        f"{GOAL_GROWTH}" if name == "ours" else "",
                    )
            ours = median["ours"].get(largest)
            for name, goal in (("handwritten", f"{GOAL_GROWTH}"), ("component", "")):
                if ours and (baseline := median[name].get(largest)):
                    yield f"{unit}, {title}: ha-backend / {NAMES[name]} at {largest}", f"{ours / baseline:.2f}", goal
        slopes = {name: figures.slope(by_size(raw, "peak_mib", action, name)) for name in ("ours", "handwritten")}
        if slopes["ours"] is not None and slopes["handwritten"] is not None:
            yield (
                f"MiB for one more backend, {title}: ha-backend, hand-written",
                f"{slopes['ours']:.2f}, {slopes['handwritten']:.2f}",
                "",
            )


def by_size(raw: Figures, key: str, action: str, name: str) -> dict[int, float]:
    """Return the median of a figure at each size that was measured."""
    columns = {int(size): column(raw, key, "many", size, action, name) for size in raw.get("many", {})}
    return {size: spread(values).median for size, values in sorted(columns.items()) if values}


def _program(raw: Figures) -> Iterator[Table]:
    program: Mapping[str, list[dict[str, Any]]] = raw.get("program", {})
    if "ours" not in program:
        return
    rows = []
    for name, rounds in program.items():
        phases = sorted({phase for each in rounds for phase in each["phases"]})
        for phase in phases:
            rows.append((NAMES[name], phase, *_share(rounds, partial(_in_phase, phase)), ""))
        rows.append(
            (
                NAMES[name],
                "**the program's own share**",
                *_share(rounds, lambda each: profile.own(each["phases"])),
                f"{GOAL_SHARE} %" if name == "ours" else "",
            )
        )
    yield Table(
        "The program in a no-change preview, by profile. `sdk`: importing and calling Pulumi's packages; `waiting`: "
        "for the engine.",
        ("program", "phase", "seconds", "share of the preview", "goal: at most"),
        tuple(rows),
    )


def _in_phase(phase: str, each: dict[str, Any]) -> float:
    seconds: float = each["phases"].get(phase, 0.0)
    return seconds


def _share(rounds: list[dict[str, Any]], seconds: Callable[[dict[str, Any]], float]) -> tuple[str, str]:
    return (
        f"{spread([seconds(each) for each in rounds]).text(3)} s",
        f"{spread([100 * seconds(each) / each['seconds'] for each in rounds]).text(1)} %",
    )
