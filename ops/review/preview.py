"""Read the output of `pulumi preview --json`: one step for each resource, with its inputs before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ops.errors import UserError
from ops.review.errors import NOT_A_PREVIEW, PREVIEW_OF_OTHER_STACK

STACK = "pulumi:pulumi:Stack"
# How the engine writes a value that is known only after the update, and a secret one.
UNKNOWN, SECRET = "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "[secret]"
# The engine reports this after the actual reason.
_CONSEQUENCE = "program exited with non-zero exit code"
_UNCHANGED = {"same", "read", "refresh", "discard"}


class PreviewError(UserError):
    """The input is not a preview; the text names what it is, and how to create one."""


@dataclass(frozen=True)
class Step:
    """One resource of a preview. ``old`` and ``new`` are its inputs; None if it does not exist before or after."""

    op: str
    urn: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the provider returned at the last update."""
    changed_paths: tuple[str, ...] = ()
    """Paths that the engine itself reports as changed. Nothing else shows that a secret changes."""
    replace_paths: tuple[str, ...] = ()
    """Paths whose change forces a replacement."""
    retained: bool = False
    """Whether deleting it leaves the object on the cluster."""
    deployed: Mapping[str, Any] | None = None
    """The inputs of the last update, if a refresh found other ones, which are then ``old``."""
    dependencies: tuple[str, ...] = ()
    """URNs of the resources that are updated before it."""
    provider: str = ""
    """URN of its provider, which stands for its cluster."""

    @property
    def type(self) -> str:
        """The resource's own type token."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def kind(self) -> str:
        """The last part of the type token, such as Deployment."""
        return self.type.rpartition(":")[2]

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def unchanged(self) -> bool:
        """Whether nothing happens to the resource."""
        return self.op in _UNCHANGED


@dataclass(frozen=True)
class Preview:
    """The preview of one stack. With ``errors`` it is incomplete: resources that it does not list may change."""

    stack: str
    project: str
    steps: tuple[Step, ...]
    errors: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs before the change."""
    new_stack: bool = False
    """Whether the stack does not exist yet, so nothing of it runs."""


def read(text: str, source: str, expected: tuple[str, str] | None = None) -> Preview:
    """Return the preview in a text: JSON documents, or one engine event a line.

    ``source`` names the text in errors. ``expected`` is the project and the stack that the preview must describe.
    Without it, a preview that failed before its first resource is rejected: only resources name their stack.

    Raises PreviewError.
    """
    try:
        documents = list(_documents(text))
        steps = [step for document in documents for step in _steps(document)]
    except (json.JSONDecodeError, AttributeError, TypeError, KeyError, IndexError) as error:
        reason = (
            f"line {error.lineno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else f"unexpected structure ({error})"
        )
        raise PreviewError(
            f"{source} is not a preview: {reason}. Use the output of `pulumi preview --json`.", NOT_A_PREVIEW
        ) from None
    errors = _errors(documents)
    if not steps and not (expected and errors):
        raise PreviewError(f"{source} contains no resource. Use the output of `pulumi preview --json`.", NOT_A_PREVIEW)
    merged = _merge(_after_refresh(steps))
    root = next((step for step in merged if step.type == STACK), None)
    project, stack = described = _project_and_stack(steps[0].urn) if steps else expected or ("", "")
    if expected and described != expected:
        raise PreviewError(
            f"{source} is a preview of {'/'.join(described)}. Use a preview of {'/'.join(expected)}.",
            PREVIEW_OF_OTHER_STACK,
        )
    return Preview(
        stack,
        project,
        tuple(step for step in merged if step.type != STACK),
        errors,
        root.outputs if root else {},
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


def _after_refresh(steps: list[Step]) -> list[Step]:
    """Return the steps of the update. With --refresh the refresh comes first; the update begins at the second Stack."""
    roots = [number for number, step in enumerate(steps) if step.type == STACK]
    if len(roots) < 2:
        return steps
    deployed = {step.urn: step.old for step in steps[: roots[-1]] if step.op in ("refresh", "update")}
    return [replace(step, deployed=deployed.get(step.urn)) for step in steps[roots[-1] :]]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON documents of a text, skipping what the program printed before the first one."""
    begin = 0 if text.lstrip().startswith("{") else text.find("\n{") + 1
    decoder, at = json.JSONDecoder(), begin
    if not begin and not text.lstrip().startswith("{"):
        raise json.JSONDecodeError("no JSON object", text, 0)
    while at < len(text):
        rest = text[at:]
        at += len(rest) - len(rest.lstrip())
        if at >= len(text):
            return
        document, at = decoder.raw_decode(text, at)
        yield document


def _step(step: Mapping[str, Any], old: Any, new: Any, diffs: Any, keys: Any) -> Step:
    if step["urn"].count("::") < 3:
        raise KeyError(f"{step['urn']!r} is not a URN")
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
        dependencies=tuple((new or {}).get("dependencies") or ()),
        provider=((new or old or {}).get("provider") or "").rpartition("::")[0],
    )


def _merge(steps: list[Step]) -> list[Step]:
    """Merge the up to three steps of a replacement into one change, from what is deleted to what is created."""
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        by_urn.setdefault(step.urn, []).append(step)
    return [_merge_one(same_urn) for same_urn in by_urn.values()]


def _merge_one(steps: list[Step]) -> Step:
    replacing = [step for step in steps if "replace" in step.op]
    if not replacing:
        return next((step for step in steps if not step.unchanged), steps[0])
    old = next((step.old for step in steps if step.old is not None), None)
    new = next((step.new for step in reversed(steps) if step.new is not None and step.op != "delete-replaced"), None)
    # If the old one is deleted first, there is a time with neither.
    first = next(step.op for step in replacing if step.op in ("create-replacement", "delete-replaced", "replace"))
    return Step(
        "delete-before-replace" if first == "delete-replaced" else "replace",
        steps[0].urn,
        old,
        new,
        next((step.outputs for step in steps if step.outputs), {}),
        tuple(sorted({path for step in steps for path in step.changed_paths})),
        tuple(sorted({path for step in steps for path in step.replace_paths})),
        any(step.retained for step in steps),
        provider=next((step.provider for step in reversed(steps) if step.provider), ""),
    )


def _project_and_stack(urn: str) -> tuple[str, str]:
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def _errors(documents: list[dict[str, Any]]) -> tuple[str, ...]:
    messages = []
    for document in documents:
        diagnostics = [
            *(document.get("diagnostics") or ()),
            *([document["diagnosticEvent"]] if "diagnosticEvent" in document else ()),
        ]
        messages += [" ".join(one.get("message", "").split()) for one in diagnostics if one.get("severity") == "error"]
    plain = [message.removeprefix("error: ") for message in messages]
    return tuple(message for message in plain if _CONSEQUENCE not in message) or tuple(plain)
