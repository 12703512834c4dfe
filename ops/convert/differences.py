"""Compare a workload with the rendering of its stack file. Every difference becomes a note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ops.convert.comparable import Paths, config_maps, flattened, port_numbers, with_numbers
from ops.convert.explanations import explanation
from ops.convert.notes import Note, Notes, Verdict
from ops.convert.objects import Object, kind, name
from ops.convert.ports import Ports
from ops.convert.workload import Workload


def compare(workload: Workload, ports: Ports, rendered: list[Object], notes: Notes) -> list[str]:
    """Note every difference that no note explains. Return what is taken over as it is."""
    taken: list[str] = []
    for title, before, after in pairs(workload, ports, rendered):
        for note in _differences(title, before, after):
            if not any(each.covers(title, note.field) for each in notes.notes):
                notes.notes.append(note)
        same = [path for path, value in before.items() if after.get(path) == value]
        different = [path for path in before if path not in set(same)]
        taken += [f"{title} `{path}`" for path in _widest(same, different)]
    notes.notes[:] = _grouped(notes.notes)
    return taken


def pairs(workload: Workload, ports: Ports, rendered: list[Object]) -> Iterator[tuple[str, Paths, Paths]]:
    """Yield the kind of each object that a stack takes over, its values by path, and those of the rendering."""
    deployment = _one(rendered, "Deployment", workload.name)
    if deployment is None:
        return
    values = config_maps(rendered)
    yield (
        "Deployment",
        flattened(workload.deployment, str(ports.container.get("name"))),
        flattened(deployment, values=values),
    )
    if ports.service and (service := _one(rendered, "Service", workload.name)):
        yield (
            "Service",
            flattened(with_numbers(ports.service, port_numbers(workload.deployment))),
            flattened(with_numbers(service, port_numbers(deployment))),
        )
    others: list[Object] = [*workload.autoscalers[:1], *workload.budgets[:1]]
    if ports.service:
        others += workload.entering(name(ports.service))
    others += [workload.account] if workload.account else []
    for one in others:
        if (after := _one(rendered, kind(one), workload.name)) or (after := _one(rendered, kind(one), name(one))):
            yield kind(one), flattened(one), flattened(after)


def _one(rendered: list[Object], kind_: str, title: str) -> Object | None:
    return next((one for one in rendered if kind(one) == kind_ and name(one) == title), None)


def _differences(title: str, before: Paths, after: Paths) -> Iterator[Note]:
    for path in sorted({*before, *after}):
        if path.startswith("apiVersion") or before.get(path) == after.get(path):
            continue
        known = explanation(title, path)
        if path not in before:
            text = f"is {_shown(after[path])}" if not known else f"is {_shown(after[path])}: {known.text}"
            yield Note(Verdict.ADDED, title, path, text, known.promise if known else "")
        else:
            was, now = _shown(before[path]), _shown(after[path]) if path in after else "unset"
            text = f"{was} becomes {now}" + (f": {known.text}" if known else "")
            verdict = Verdict.RENAMED if known and known.same else Verdict.CHANGED
            yield Note(verdict, title, path, text, known.promise if known else "")


def _shown(value: Any) -> str:
    text = "true" if value is True else "false" if value is False else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _widest(same: Iterable[str], different: list[str]) -> list[str]:
    """Return the shortest paths that cover what is the same and nothing that differs."""
    prefixes = {prefix for path in different for prefix in _prefixes(path)}
    found: dict[str, None] = {}
    for path in same:
        found.setdefault(next((each for each in _prefixes(path) if each not in prefixes), path))
    return [path for path in found if path not in ("apiVersion", "kind")]


def _prefixes(path: str) -> list[str]:
    """Return a path's beginnings, the shortest first: at the dots and brackets outside of brackets."""
    ends, depth = [], 0
    for number, letter in enumerate(path):
        if letter in ".[" and depth == 0:
            ends.append(number)
        depth += {"[": 1, "]": -1}.get(letter, 0)
    # A group as wide as a whole spec says nothing to a reader, so the first two levels are left out.
    return [path[:end] for end in ends if path[:end].count(".") > 0 or path.startswith("data")] + [path]


def _grouped(notes: list[Note]) -> list[Note]:
    """Return the notes, with everything that is added for one reason in one note."""
    grouped: dict[tuple[object, ...], list[Note]] = {}
    for note in notes:
        reason = note.text.partition(": ")[2]
        added = note.verdict is Verdict.ADDED and reason
        key = (note.object, reason) if added else (note.object, note.verdict, note.field, note.text)
        grouped.setdefault(key, []).append(note)
    return [each[0] if len(each) == 1 else _joined(each) for each in grouped.values()]


def _joined(notes: list[Note]) -> Note:
    first, reason = notes[0], notes[0].text.partition(": ")[2]
    return Note(first.verdict, first.object, first.field, reason, first.promise, tuple(note.field for note in notes))
