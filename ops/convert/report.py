"""Write the report of a conversion as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ops.convert.conversion import Conversion
from ops.convert.notes import Note, Verdict
from ops.convert.stack_file import MARK

_STEP = re.compile(r"(?:[^.\[]|\[[^\]]*\])+")  # a name with its brackets, whose content may have dots


def report(
    conversions: Sequence[Conversion],
    source: str,
    left: Mapping[str, int],
    files: Mapping[str, str],
    repeated: Sequence[str] = (),
) -> str:
    """Return the report.

    ``left``: how many objects of a kind were not read. ``files``: where each stack file is. ``repeated``: which objects
    the manifest has more than once.
    """
    lines = [f"# Conversion of {source}", "", "| Workload | Result | Stack file |", "|---|---|---|"]
    lines += [f"| {one.workload.title} | {one.verdict} | {files.get(one.stack, '-')} |" for one in conversions]
    if left:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left.items()))
        lines += ["", f"Left out, because a stack does not own such objects: {kinds}."]
    if repeated:
        lines += [
            "",
            f"More than once in the manifest; the last one counts, as with kubectl apply: {', '.join(repeated)}.",
        ]
    for one in conversions:
        lines += ["", *_workload(one)]
    return "\n".join(lines) + "\n"


def _workload(one: Conversion) -> Iterable[str]:
    yield f"## {one.workload.title}: {one.verdict}"
    by_verdict = {each: [note for note in one.notes.notes if note.verdict is each] for each in Verdict}
    if one.taken or by_verdict[Verdict.RENAMED]:
        yield from ("", "### Taken over as it is", "")
        yield from (f"- {each}" for each in one.taken)
        yield from (f"- {_place(note)}: {note.text}" for note in by_verdict[Verdict.RENAMED])
    changed = [*by_verdict[Verdict.CHANGED], *by_verdict[Verdict.ADDED]]
    if changed:
        yield from ("", "### Changed, and why", "", "| Field | Change | Promise |", "|---|---|---|")
        yield from (f"| {_place(note)} | {_cell(note.text)} | {_cell(note.promise)} |" for note in changed)
    if by_verdict[Verdict.IMPOSSIBLE]:
        yield from ("", "### Not possible, and why", "")
        for note in by_verdict[Verdict.IMPOSSIBLE]:
            promise = f" (promise: {note.promise})" if note.promise else ""
            yield f"- {_place(note)}: {note.text}{promise}"
    if one.text and one.notes.questions:
        yield from ("", f"### To answer (`{MARK}` in the stack file)", "")
        yield from (f"- `{key}`: {text}" for key, text in one.notes.questions.items())
    if one.notes.remaining:
        yield from ("", "### Stays outside of the stack", "")
        yield from (f"- {each}." for each in one.notes.remaining)


def _place(note: Note) -> str:
    if not note.fields:
        return f"{note.object} `{note.field}`" if note.field else note.object
    return f"{note.object} {', '.join(f'`{each}`' for each in _short(note.fields))}"


def _short(fields: Iterable[str]) -> list[str]:
    """Return the fields, each cut where a reader of manifests still knows what it is about."""
    shortened: dict[str, None] = {}
    for field in fields:
        steps = _STEP.findall(field)
        if steps[:3] == ["spec", "template", "spec"] and len(steps) > 3:
            of_container = "ontainers[" in steps[3]
            steps = [*steps[:3], steps[3] if of_container else steps[3].partition("[")[0], *steps[4 : 4 + of_container]]
            shortened[".".join(steps)] = None
        else:
            shortened[".".join(steps[: 4 if steps[:2] == ["spec", "template"] else 2])] = None
    return list(shortened)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
