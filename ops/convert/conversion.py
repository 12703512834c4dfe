"""Convert every workload of a manifest: translate, validate, render, and compare with what it was."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.convert import errors
from ops.convert.differences import compare
from ops.convert.notes import Notes, Verdict
from ops.convert.objects import Object, last_of_each
from ops.convert.ports import Ports
from ops.convert.repair import repaired
from ops.convert.stack_file import stack_file
from ops.convert.translate import translate
from ops.convert.workload import CONVERTED, Workload, workloads
from ops.errors import UserError
from ops.render.evaluate import evaluate

PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Conversion:
    """What became of one workload."""

    workload: Workload
    stack: str
    notes: Notes
    settings: dict[str, Any] | None
    ports: Ports | None
    text: str | None
    """The stack file; None if the workload cannot run in a stack."""
    taken: Sequence[str]
    rendered: Sequence[Object]

    @property
    def verdict(self) -> str:
        """One of: as it is, changed, not possible."""
        if self.text is None:
            return "not possible"
        return "changed" if any(note.verdict is Verdict.CHANGED for note in self.notes.notes) else "as it is"


def convert(objects: Sequence[Object], source: str) -> list[Conversion]:
    """Return the conversion of every Deployment. Raise UserError if there is none."""
    objects, _ = last_of_each(objects)
    found = workloads(objects)
    if not found:
        kinds = ", ".join(sorted({str(one.get("kind")) for one in objects})[:6])
        only = f", only {kinds[:80]}" if kinds else ""
        text = f"{source}: has no Deployment (apps/v1){only}: pass the manifest of the Deployment"
        raise UserError(text, errors.NO_WORKLOAD)
    names = [one.name for one in found]
    return [
        _converted(one, one.name if names.count(one.name) == 1 else f"{one.namespace}-{one.name}", source)
        for one in found
    ]


def _converted(workload: Workload, stack: str, source: str) -> Conversion:
    notes = Notes()
    notes.remaining += [
        f"{title}, which Kubernetes rejects: {problems[0]}"
        for title, problems in workload.invalid.items()
        if title.split()[0] not in CONVERTED
    ]
    translated = translate(workload, notes)
    if translated is None:
        return Conversion(workload, stack, notes, None, None, None, (), ())
    settings, ports = translated
    valid = repaired(settings, notes)
    if not valid or not notes.possible:
        return Conversion(workload, stack, notes, settings, ports, None, (), ())
    text = stack_file(settings, notes.questions, source)
    try:
        rendered = render(text)
    except Exception as error:
        notes.impossible("Settings", "", " ".join(str(error).split()), errors.SETTINGS_REJECTED)
        return Conversion(workload, stack, notes, settings, ports, None, (), ())
    taken = compare(workload, ports, rendered, notes)
    return Conversion(workload, stack, notes, settings, ports, text, taken, rendered)


def render(text: str) -> list[Object]:
    """Return the manifests of a stack file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "Pulumi.converted.yaml")
        file.write_text(text, encoding="utf-8")
        return evaluate(PROJECT, "converted", file).manifests
