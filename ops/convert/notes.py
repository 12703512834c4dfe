"""What the conversion reports about one workload, and the lines of its stack file that need an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from components.errors import ErrorKind, tagged

# Beginnings of settings, and what they become in a manifest.
_PLACES = {
    "podTemplate.spec.containers[0]": ("Deployment", "spec.template.spec.containers[backend]"),
    "podTemplate.": ("Deployment", "spec.template."),
    "overrides.service.": ("Service", ""),
    "overrides.deployment.": ("Deployment", ""),
    "overrides.horizontalPodAutoscaler.": ("HorizontalPodAutoscaler", ""),
    "overrides.podDisruptionBudget.": ("PodDisruptionBudget", ""),
    "disruptionBudget": ("PodDisruptionBudget", "spec"),
    "rollout.": ("Deployment", "spec."),
    "placement.priorityClassName": ("Deployment", "spec.template.spec.priorityClassName"),
    "replicas": ("Deployment", "spec.replicas"),
}


class Verdict(Enum):
    """What happens to a field of the manifest."""

    RENAMED = "renamed"
    """The value means the same under another name."""
    CHANGED = "changed"
    """The value differs, and the note says why."""
    ADDED = "added"
    """The manifest leaves it open, and the component states it."""
    IMPOSSIBLE = "not possible"
    """The workload cannot run in a stack as long as it needs this."""


@dataclass(frozen=True)
class Note:
    """A field of an object, what happens to it, and why. ``promise`` names what the change serves."""

    verdict: Verdict
    object: str
    field: str
    text: str
    promise: str = ""
    fields: tuple[str, ...] = ()
    """All fields, if the note is about several."""

    @property
    def place(self) -> tuple[str, str]:
        """The kind of the object and its field, also where the note is about a setting."""
        if self.object == "Settings":
            for start, (kind, field) in _PLACES.items():
                if self.field.startswith(start):
                    return kind, field + self.field.removeprefix(start)
        return self.object, self.field

    def covers(self, kind: str, path: str) -> bool:
        """Return whether the note explains a path of an object of this kind."""
        of, field = self.place
        return kind == of and (not field or path == field or path.startswith((f"{field}.", f"{field}[")))


@dataclass
class Notes:
    """The notes about one workload, in the order in which they are made."""

    notes: list[Note] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    """What the manifest does not say, by the key of the setting that needs the answer."""
    remaining: list[str] = field(default_factory=list)
    """Objects that stay outside of the stack, each with the reason."""

    def renamed(self, kind: str, path: str, text: str) -> None:
        """Note a value that means the same under another name."""
        self._add(Note(Verdict.RENAMED, kind, path, text))

    def changed(self, kind: str, path: str, text: str, promise: str = "") -> None:
        """Note a value that differs."""
        self._add(Note(Verdict.CHANGED, kind, path, text, promise))

    def added(self, kind: str, path: str, text: str, promise: str = "") -> None:
        """Note a value that the manifest leaves open."""
        self._add(Note(Verdict.ADDED, kind, path, text, promise))

    def impossible(self, kind: str, path: str, text: str, reason: ErrorKind, promise: str = "") -> None:
        """Note a need that a stack cannot meet."""
        self._add(Note(Verdict.IMPOSSIBLE, kind, path, tagged(text, reason), promise))

    def ask(self, setting: str, text: str) -> None:
        """Mark a setting as one that only its owner knows. The key is relative to the backend."""
        known = self.questions.get(setting)
        if known is None or text not in known:
            self.questions[setting] = f"{known} {text}" if known else text

    @property
    def possible(self) -> bool:
        """Whether nothing prevents the workload from running in a stack."""
        return not any(note.verdict is Verdict.IMPOSSIBLE for note in self.notes)

    def _add(self, note: Note) -> None:
        if note not in self.notes:
            self.notes.append(note)
