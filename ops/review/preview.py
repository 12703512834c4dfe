"""Reads a preview of `pulumi preview --json`: one step for each resource, as it is and as it would be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

STACK = "pulumi:pulumi:Stack"
# What the engine writes for a value that is known only after the update, and for one that is secret.
UNKNOWN, SECRET = "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "[secret]"
# What the engine says behind the reason.
_FOLLOWING = "program exited with non-zero exit code"
_QUIET = {"same", "read", "refresh", "discard"}


class PreviewError(Exception):
    """This is no preview; the text says what was found instead, and how to make one."""


@dataclass(frozen=True)
class Step:
    """One resource of a preview. ``old`` and ``new`` are its inputs, None where it is not there before, or after.

    ``told``: paths that the engine names itself as changed, which is all there is to see of a secret. ``live``: what the
    provider knew of it at the last update. ``deployed``: the inputs of that update, where a refresh found others, ``old``.
    """

    op: str
    urn: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    live: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    forces: tuple[str, ...] = ()
    keeps: bool = False
    deployed: Mapping[str, Any] | None = None
    waits: tuple[str, ...] = ()
    """URNs of what is updated before it."""
    provider: str = ""
    """The URN of its provider, which is its cluster."""

    @property
    def type(self) -> str:
        """The resource's own type token."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def quiet(self) -> bool:
        """Nothing happens to it."""
        return self.op in _QUIET


@dataclass(frozen=True)
class Preview:
    """One stack's preview. ``errors``: why it is not complete; then what it does not show may still happen."""

    stack: str
    project: str
    steps: tuple[Step, ...]
    errors: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs as they are."""
    fresh: bool = False
    """The stack is only being made: nothing of it runs yet."""


def read(text: str, source: str, place: tuple[str, str] | None = None) -> Preview:
    """The preview in a text: one JSON document, or one engine event a line. Raises PreviewError, naming ``source``.

    ``place``: the project and the stack that it must be of. Only with it, a preview that failed before its first resource is
    one too: it says itself of what it is by its resources.
    """
    try:
        documents = list(_documents(text))
        steps = [step for document in documents for step in _steps(document)]
    except (json.JSONDecodeError, AttributeError, TypeError, KeyError, IndexError) as error:
        said = (
            f"line {error.lineno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else f"not as expected ({error})"
        )
        raise PreviewError(
            f"{source} is no preview: {said}. Right would be what `pulumi preview --json` prints."
        ) from None
    errors = _errors(documents)
    if not steps and not (place and errors):
        raise PreviewError(f"{source}: no resource in it. Right would be what `pulumi preview --json` prints.")
    merged = _merged(_planned(steps))
    root = next((step for step in merged if step.type == STACK), None)
    project, stack = found = _place(steps[0].urn) if steps else place or ("", "")
    if place and found != place:
        raise PreviewError(f"{source} is a preview of {'/'.join(found)}. Right would be one of {'/'.join(place)}.")
    return Preview(
        stack,
        project,
        tuple(step for step in merged if step.type != STACK),
        errors,
        root.live if root else {},
        root is not None and root.op == "create",
    )


def _steps(document: Mapping[str, Any]) -> Iterator[Step]:
    for step in document.get("steps") or ():
        yield _step(
            step, step.get("oldState"), step.get("newState"), step.get("diffReasons"), step.get("replaceReasons")
        )
    event = (document.get("resourcePreEvent") or {}).get("metadata")
    if event:
        yield _step(event, event.get("old"), event.get("new"), event.get("diffs"), event.get("keys"))


def _planned(steps: list[Step]) -> list[Step]:
    """With --refresh the engine tells first what it finds; what it would do begins with the stack itself once more."""
    roots = [number for number, step in enumerate(steps) if step.type == STACK]
    if len(roots) < 2:
        return steps
    deployed = {step.urn: step.old for step in steps[: roots[-1]] if step.op in ("refresh", "update")}
    return [replace(step, deployed=deployed.get(step.urn)) for step in steps[roots[-1] :]]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """One document, or several, with whatever the program printed before the first left out."""
    begin = 0 if text.lstrip().startswith("{") else text.find("\n{") + 1
    decoder, at = json.JSONDecoder(), begin
    if not begin and not text.lstrip().startswith("{"):
        raise json.JSONDecodeError("no JSON object", text, 0)
    while at < len(text):
        rest = text[at:]
        at += len(rest) - len(rest.lstrip())
        if at >= len(text):
            return
        found, at = decoder.raw_decode(text, at)
        yield found


def _step(step: Mapping[str, Any], old: Any, new: Any, diffs: Any, keys: Any) -> Step:
    if step["urn"].count("::") < 3:
        raise KeyError(f"{step['urn']!r} is no URN")
    detailed = step.get("detailedDiff") or {}
    return Step(
        step["op"],
        step["urn"],
        (old or {}).get("inputs") if old else None,
        (new or {}).get("inputs") if new else None,
        (old or {}).get("outputs") or {},
        tuple(sorted({*(diffs or ()), *detailed})),
        tuple(sorted({*(keys or ()), *(path for path, how in detailed.items() if "replace" in how.get("kind", ""))})),
        bool((old or {}).get("retainOnDelete")),
        waits=tuple((new or {}).get("dependencies") or ()),
        provider=((new or old or {}).get("provider") or "").rpartition("::")[0],
    )


def _merged(steps: list[Step]) -> list[Step]:
    """A replacement comes as up to three steps; it is one change, from what is deleted to what is created."""
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        by_urn.setdefault(step.urn, []).append(step)
    return [_one(found) for found in by_urn.values()]


def _one(found: list[Step]) -> Step:
    replacing = [step for step in found if "replace" in step.op]
    if not replacing:
        return next((step for step in found if not step.quiet), found[0])
    old = next((step.old for step in found if step.old is not None), None)
    new = next((step.new for step in reversed(found) if step.new is not None and step.op != "delete-replaced"), None)
    # Deleted first: then there is a time with neither.
    first = next(step.op for step in replacing if step.op in ("create-replacement", "delete-replaced", "replace"))
    told = tuple(sorted({path for step in found for path in step.told}))
    forces = tuple(sorted({path for step in found for path in step.forces}))
    return Step(
        "delete-before-replace" if first == "delete-replaced" else "replace",
        found[0].urn,
        old,
        new,
        next((step.live for step in found if step.live), {}),
        told,
        forces,
        any(step.keeps for step in found),
        provider=next((step.provider for step in reversed(found) if step.provider), ""),
    )


def _place(urn: str) -> tuple[str, str]:
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def _errors(documents: list[dict[str, Any]]) -> tuple[str, ...]:
    found = []
    for document in documents:
        told = [
            *(document.get("diagnostics") or ()),
            *([document["diagnosticEvent"]] if "diagnosticEvent" in document else ()),
        ]
        found += [" ".join(one.get("message", "").split()) for one in told if one.get("severity") == "error"]
    plain = [one.removeprefix("error: ") for one in found]
    return tuple(one for one in plain if _FOLLOWING not in one) or tuple(plain)
