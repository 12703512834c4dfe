"""The figures as Markdown: what was measured, beside its goal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lab.bench import figures, profile
from lab.bench.checkpoint import Figures, column
from lab.bench.figures import spread

DONE = {"preview": "preview, nothing changed", "up": "up, nothing changed", "first": "first up"}
NAMES = {
    "ours": "ours",
    "handwritten": "hand-written",
    "component": "hand-written component",
    "helm": "helm",
    "kubectl": "kubectl",
    "floor-objects": "the floor: ConfigMaps",
    "floor-random": "the floor: no API server",
}
GOAL_RATIO, GOAL_GROWTH, GOAL_SHARE = 1.05, 1.1, 10
FEW = 10


def markdown(raw: Figures) -> str:
    """Every part that was measured; parts that were not are left out."""
    parts = [list(part(raw)) for part in (_machine, _cluster, _one, _many, _program)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _rows(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _machine(raw: Figures) -> Iterator[str]:
    about = raw.get("machine", {})
    if about:
        yield ", ".join(f"{key} {value}" for key, value in about.items()) + "."


def _cluster(raw: Figures) -> Iterator[str]:
    found = raw.get("cluster", {})
    rows = []
    if "ready_s" in found:
        rows.append(("embedded cluster ready", f"{spread(found['ready_s']).text(1)} s", "6 s"))
    if "resident_mib" in found:
        rows.append(("embedded cluster resident", f"{found['resident_mib']:.0f} MiB", "1024 MiB"))
    if warm := column(raw, "seconds", "cluster", "make_up_warm"):
        rows.append(("`make up`, cluster absent, everything true at the end", f"{spread(warm).text(0)} s", "75 s"))
    if rows:
        yield from _rows(("figure", "measured", "goal: at most"), rows)


def _one(raw: Figures) -> Iterator[str]:
    rows = []
    for done, words in DONE.items():
        taken = {name: column(raw, "seconds", "one", done, name) for name in ("ours", "handwritten", "helm", "kubectl")}
        for name, values in taken.items():
            if values:
                against = (
                    ""
                    if name == "ours" or len(values) != len(taken["ours"])
                    else figures.ratios(taken["ours"], values).text()
                )
                goal = f"{GOAL_RATIO}" if name == "handwritten" else ""
                rows.append((words, NAMES[name], f"{spread(values).text()} s", against, goal))
    if rows:
        yield "One backend: the middle of all rounds, and the extremes. The ratio is ours to theirs, round by round."
        yield ""
        yield from _rows(("what", "by", "seconds", "ours / theirs", "goal: at most"), rows)


def _many(raw: Figures) -> Iterator[str]:
    sizes = sorted(map(int, raw.get("many", {})))
    rows = []
    for done in ("preview", "up"):
        for name, words in NAMES.items():
            for size in sizes:
                seconds, memory = (column(raw, key, "many", str(size), done, name) for key in ("seconds", "peak_mib"))
                if seconds:
                    rows.append(
                        (
                            "first up" if done == "up" else DONE[done],
                            words,
                            str(size),
                            f"{spread(seconds).text()} s",
                            f"{figures.each(size, spread(seconds).median):.3f} s",
                            f"{spread(memory).median:.0f} MiB",
                            f"{figures.each(size, spread(memory).median):.1f} MiB",
                        )
                    )
    if not rows:
        return
    yield "Several backends in one stack. Memory is that of the engine, its providers and the program together, at the most."
    yield ""
    yield from _rows(("what", "by", "backends", "seconds", "each", "memory", "each"), rows)
    yield ""
    yield from _rows(("what of several backends", "measured", "goal: at most"), list(_goals(raw, sizes)))


def _goals(raw: Figures, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    """Growth from few to many, and ours beside theirs at the largest size."""
    largest = max(sizes)
    for done in ("preview", "up"):
        words = "first up" if done == "up" else "preview"
        for key, what in (("seconds", "seconds"), ("peak_mib", "MiB")):
            middle = {name: by_size(raw, key, done, name) for name in NAMES}
            for name, known in NAMES.items():
                grown = figures.growth(middle[name], FEW, largest)
                if grown is not None and largest > FEW and not (key == "peak_mib" and name.startswith("floor")):
                    yield (
                        f"{what} a backend, {words}, {known}: at {largest} to at {FEW}",
                        f"{grown:.2f}",
                        f"{GOAL_GROWTH}" if name == "ours" else "",
                    )
            ours = middle["ours"].get(largest)
            for name, goal in (("handwritten", f"{GOAL_GROWTH}"), ("component", "")):
                if ours and (theirs := middle[name].get(largest)):
                    yield f"{what}, {words}: ours to {NAMES[name]} at {largest}", f"{ours / theirs:.2f}", goal
        slopes = {name: figures.slope(by_size(raw, "peak_mib", done, name)) for name in ("ours", "handwritten")}
        if slopes["ours"] is not None and slopes["handwritten"] is not None:
            yield (
                f"MiB for one backend more, {words}: ours, hand-written",
                f"{slopes['ours']:.2f}, {slopes['handwritten']:.2f}",
                "",
            )


def by_size(raw: Figures, key: str, done: str, name: str) -> dict[int, float]:
    """The middle of one figure at each size that was measured."""
    found = {int(size): column(raw, key, "many", size, done, name) for size in raw.get("many", {})}
    return {size: spread(values).median for size, values in sorted(found.items()) if values}


def _program(raw: Figures) -> Iterator[str]:
    found: Mapping[str, list[dict[str, Any]]] = raw.get("program", {})
    if "ours" not in found:
        return
    rows = []
    for name, rounds in found.items():
        phases = sorted({phase for each in rounds for phase in each["phases"]})
        for phase in phases:
            rows.append((NAMES[name], phase, *_part(rounds, lambda each, p=phase: each["phases"].get(p, 0.0)), ""))
        rows.append(
            (
                NAMES[name],
                "**the program's own part**",
                *_part(rounds, lambda each: profile.own(each["phases"])),
                f"{GOAL_SHARE} %" if name == "ours" else "",
            )
        )
    yield (
        "The program in a no-change preview, by profile. `sdk`: Pulumi's packages, loaded and called; `waiting`: for the "
        "engine."
    )
    yield ""
    yield from _rows(("program", "part", "seconds", "of the preview", "goal: at most"), rows)


def _part(rounds: list[dict[str, Any]], of: Any) -> tuple[str, str]:
    return (
        f"{spread([of(each) for each in rounds]).text(3)} s",
        f"{spread([100 * of(each) / each['seconds'] for each in rounds]).text(1)} %",
    )
