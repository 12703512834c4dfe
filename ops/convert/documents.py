"""Read the objects of a manifest: several documents, lists, and the output of helm and kustomize."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

import yaml

from ops.convert import errors
from ops.convert.objects import Object, kind, metadata, name
from ops.errors import UserError

MAX_BYTES = 32 * 2**20
_MAX_VALUES = 2_000_000  # after YAML aliases are expanded
_MAX_LEVELS = 200  # more would take the parser's stack
_BRACKETS = re.compile(r"[\[\]{}]")
_MAX_DEPTH = 60  # a CustomResourceDefinition has about 40 levels
_PLACEHOLDER = re.compile(r"\{\{|\$\{|<%|\[\[\s*\.")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads scalars as Kubernetes does: no timestamps, no numbers to the base of 60, `=` is text."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


_INTEGER = re.compile(r"[-+]?(?:0|0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*)$")
_NUMBER = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$|[-+]?\.(?:inf|Inf|INF)$|\.nan$"
)
for _first, _resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items():
    for _tag, _pattern in _resolvers:
        if _tag.endswith((":null", ":bool", ":merge")):
            _Loader.yaml_implicit_resolvers.setdefault(_first, []).append((_tag, _pattern))
for _first in "-+.0123456789":
    _Loader.yaml_implicit_resolvers.setdefault(_first, []).extend(
        [("tag:yaml.org,2002:int", _INTEGER), ("tag:yaml.org,2002:float", _NUMBER)]
    )


def read(stream: BinaryIO, source: str) -> list[Object]:
    """Return the objects of a manifest. Raise UserError with one message if it has none or cannot be read.

    ``source`` names the manifest in messages.
    """
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(f"{source}: has more than {MAX_BYTES // 2**20} MiB: split it", errors.MANIFEST_TOO_LARGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{source}: is not UTF-8 text (byte {error.start}): convert it", errors.MANIFEST_UNREADABLE
        ) from None
    objects = [one for document in _documents(text, source) for one in _flat(document, source)]
    for one in objects:
        _reject_placeholders(one, source)
    return objects


def _documents(text: str, source: str) -> Iterator[Object]:
    left = [_MAX_VALUES]
    try:
        if _may_be_deep(text):
            _reject_depth(text, source)
        for number, document in enumerate(yaml.load_all(text, _Loader), 1):
            if document is None:
                continue
            if not isinstance(document, dict):
                raise UserError(
                    f"{source}: document {number} is no object: pass Kubernetes manifests", errors.NOT_A_MANIFEST
                )
            yield _plain(document, left, _MAX_DEPTH, source)
    except yaml.YAMLError as error:
        raise _unparsable(text, error, source) from None
    except (RecursionError, ValueError, OverflowError, TypeError) as error:
        message = f"{source}: cannot be read as YAML ({type(error).__name__}): check its nesting and its numbers"
        raise UserError(message, errors.MANIFEST_NOT_YAML) from None


def _may_be_deep(text: str) -> bool:
    """Return whether a text may have more levels than the parser can take, at little cost."""
    if "- " * _MAX_LEVELS in text or " " * _MAX_LEVELS in text or "? " * _MAX_LEVELS in text:
        return True
    if text.count("[") + text.count("{") < _MAX_LEVELS:
        return False
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _MAX_LEVELS:
            return True
    return False


def _reject_depth(text: str, source: str) -> None:
    """Raise UserError if a document has too many levels. The parser itself would end the process."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_LEVELS:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise UserError(f"{source}: line {line} has too many levels: correct it", errors.MANIFEST_TOO_LARGE)


def _unparsable(text: str, error: yaml.YAMLError, source: str) -> UserError:
    mark = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
    number = mark.line + 1 if mark else 0
    lines = text.splitlines()
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    template = next((place for place, each in enumerate(lines, 1) if "{{" in each), None)
    if template is not None:
        return UserError(
            f"{source}: line {template} contains a template placeholder, {_short(lines[template - 1].strip())}: "
            "render it first, for example with helm template",
            errors.MANIFEST_TEMPLATED,
        )
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "is invalid"
    remedy = f"correct {_short(line)}" if line else "correct it"
    where = f"{source}: line {number}" if number else source
    return UserError(f"{where}: is not YAML ({problem}): {remedy}", errors.MANIFEST_NOT_YAML)


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _plain(value: Any, left: list[int], depth: int, source: str) -> Any:
    """Return a value with aliases expanded and with strings as keys. Raise UserError if it grows too large."""
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        what = "too many values" if left[0] < 0 else "too many levels"
        raise UserError(f"{source}: has {what}: convert one application at a time", errors.MANIFEST_TOO_LARGE)
    if isinstance(value, dict):
        return {_key(key): _plain(each, left, depth - 1, source) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, left, depth - 1, source) for each in value]
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _key(key: object) -> str:
    return {True: "true", False: "false"}[key] if isinstance(key, bool) else str(key)


def _flat(document: Object, source: str) -> Iterator[Object]:
    """Yield an object, or the objects of a list."""
    if not isinstance(document.get("kind"), str) or not isinstance(document.get("apiVersion"), str):
        keys = ", ".join(list(document)[:4])
        raise UserError(
            f"{source}: a document with the keys {_short(keys)} has no apiVersion and kind, so it is no Kubernetes "
            "object: pass rendered manifests only",
            errors.NOT_A_MANIFEST,
        )
    items = document.get("items")
    if kind(document).endswith("List") and isinstance(items, list):
        for one in items:
            if not isinstance(one, dict):
                raise UserError(f"{source}: {kind(document)} has an item that is no object", errors.NOT_A_MANIFEST)
            # Items of a typed list, such as DeploymentList, need not repeat their kind.
            typed = {"apiVersion": document["apiVersion"], "kind": kind(document).removesuffix("List")}
            yield from _flat(one if kind(document) == "List" else {**typed, **one}, source)
    else:
        yield document


def _reject_placeholders(one: Object, source: str) -> None:
    """Raise UserError if a name, a namespace, a label or an image is still a template."""
    texts = {f"metadata.{key}": metadata(one).get(key) for key in ("name", "namespace")}
    labels = metadata(one).get("labels")
    texts |= {f"metadata.labels.{key}": each for key, each in (labels if isinstance(labels, dict) else {}).items()}
    if kind(one) == "Deployment":
        texts |= dict(_scalars(one.get("spec"), "spec"))
    for field, text in texts.items():
        if isinstance(text, str) and _PLACEHOLDER.search(text):
            raise UserError(
                f"{source}: {kind(one)} {_short(name(one))}: {field} contains a template placeholder, {_short(text)}: "
                "render it first, for example with helm template",
                errors.MANIFEST_TEMPLATED,
            )


def _scalars(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield what is never a program's own text: everything but commands, arguments, variables and annotations."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in ("args", "command", "env", "annotations"):
                yield from _scalars(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _scalars(each, f"{path}[{number}]")
    else:
        yield path, value
