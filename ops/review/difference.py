"""Compare two versions of a resource field by field. Entries of lists are matched by name where they have one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from components.settings.quantity import amount
from ops.review.preview import SECRET, UNKNOWN, Step

ABSENT = None
# Fields that identify the entries of a Kubernetes list, the best first.
_KEYS = ("name", "key", "topologyKey", "mountPath", "containerPort", "port", "ip", "type")
_ENGINE_INTERNAL = re.compile(
    r"(^|\.)__(defaults|inputs|provider|fieldManager|initialApiVersion)|pulumi\.com/autonamed"
)
_QUANTITIES = re.compile(r"\.(requests|limits|hard|max|min|default|defaultRequest|sizeLimit)(\.|$)")


@dataclass(frozen=True)
class Difference:
    """One field: its path, such as spec.template.spec.containers[backend].image, and its value before and after.

    None stands for a field that is unset.
    """

    path: str
    before: Any
    after: Any

    def within(self, *paths: str) -> bool:
        """Return whether the field is, or is inside, one of these paths. ``[]`` matches any entry of a list."""
        plain = re.sub(r"\[[^\]]*\]", "[]", self.path)
        return any(plain == path or plain.startswith((f"{path}.", f"{path}[")) for path in paths)


def differences(step: Step) -> tuple[Difference, ...]:
    """Return the fields that differ in a resource that exists before and after, changed secrets included."""
    changes = [one for one in compare(step.old or {}, step.new or {}) if not _ENGINE_INTERNAL.search(one.path)]
    paths = {one.path for one in changes}
    for path in step.changed_paths:
        if _value(step.new, path) == SECRET and path not in paths:
            changes.append(Difference(path, SECRET, SECRET))
    return tuple(changes)


def compare(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Yield every field that differs. Quantities are compared by amount: 0.5 equals 500m."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from compare(before.get(key), after.get(key), f"{path}{'.' if path else ''}{_word(key)}")
    elif _listed(before) and _listed(after):
        yield from _lists(before, after, path)
    elif before != after and not _same_quantity(before, after, path):
        if (isinstance(before, Mapping) and after is ABSENT) or (isinstance(after, Mapping) and before is ABSENT):
            yield from compare(before or {}, after or {}, path)
        else:
            yield Difference(path, before, after)


def _lists(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Difference]:
    key = _key([*before, *after])
    if key is None:
        yield from _unnamed(before, after, path)
        return
    old, new = ({str(entry[key]): entry for entry in entries} for entries in (before, after))
    if len(old) != len(before) or len(new) != len(after):  # the key is not unique
        if list(before) != list(after):
            yield Difference(path, list(before), list(after))
        return
    kept_old, kept_new = [name for name in old if name in new], [name for name in new if name in old]
    if kept_old != kept_new:  # a new order changes the pod template
        yield Difference(f"{path}[order]", kept_old, kept_new)
    for name in [*old, *(name for name in new if name not in old)]:
        if name in old and name in new:
            yield from compare(old[name], new[name], f"{path}[{name}]")
        else:
            yield Difference(f"{path}[{name}]", old.get(name), new.get(name))


def _unnamed(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Difference]:
    """Compare lists whose entries have no key: yield the single entry that differs, else the whole list."""
    differ = [number for number, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
    if len(before) == len(after) and len(differ) == 1 and isinstance(before[differ[0]], Mapping):
        yield from compare(before[differ[0]], after[differ[0]], f"{path}[{differ[0]}]")
    elif list(before) != list(after):
        yield Difference(path, list(before), list(after))


def _key(entries: Sequence[Any]) -> str | None:
    if not entries or not all(isinstance(entry, Mapping) for entry in entries):
        return None
    return next((key for key in _KEYS if all(key in entry for entry in entries)), None)


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _same_quantity(before: Any, after: Any, path: str) -> bool:
    if not _QUANTITIES.search(path) or UNKNOWN in (before, after) or None in (before, after):
        return False
    try:
        return amount(str(before)) == amount(str(after))
    except (ValueError, InvalidOperation):
        return False


def less(one: Any, other: Any) -> bool:
    """Return whether one quantity, number or percentage is below another; False if they are not comparable."""

    def plain(value: Any) -> Decimal:
        return amount(str(value).removesuffix("%"))

    try:
        return plain(one) < plain(other)
    except ValueError:
        return False


def _word(key: str) -> str:
    return f'"{key}"' if "." in key else key


def _value(inputs: Any, path: str) -> Any:
    """Return the value at a path as the engine writes it: a.b[0].c, or a["x.y"]."""
    for word in re.findall(r'\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)', path):
        name, index, plain = word
        try:
            inputs = inputs[int(index)] if index else inputs[name or plain]
        except (KeyError, IndexError, TypeError):
            return None
    return inputs
