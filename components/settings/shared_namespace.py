"""The settings of a namespace that several backends share, and the conflicts between backends in one namespace."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from ..errors import ErrorKind, contradictions, tagged
from . import labels
from .backend import BackendSettings
from .base import Name, SettingsModel
from .conflict import Conflict
from .load import validate_backend, validate_group
from .problems import Problem, SettingsError

_PLACEHOLDER = {"image": "placeholder:0"}  # for a backend that is validated separately


class SharedNamespaceSettings(SettingsModel):
    """A namespace for several backends, with one Pod Security level, one quota and one default NetworkPolicy.

    The quota is the sum of what the backends need, so all of them are listed here.
    """

    name: Name = Field(description="Name of the namespace.")
    backends: list[BackendSettings] = Field(
        min_length=1,
        max_length=100,
        description="Backends in the namespace, each with a unique name. Their `namespace` is optional.",
    )


def validate_shared(
    args: SharedNamespaceSettings | Mapping[str, Any],
    prefix: str,
    rules: Callable[[BackendSettings], list[Conflict]] = lambda _: [],
) -> SharedNamespaceSettings:
    """Return the settings, with every backend's `namespace`. Raise SettingsError with the problems of all backends."""
    values = {key: getattr(args, key) for key in type(args).model_fields} if isinstance(args, SettingsModel) else args
    name, listed = (values.get(key) if isinstance(values, Mapping) else None for key in ("name", "backends"))
    entries = listed if isinstance(listed, (list, tuple)) else None
    problems: list[Problem] = []
    backends: dict[int, BackendSettings] = {}
    for number, entry in enumerate(entries or ()):
        try:
            backends[number] = validate_backend(_in_namespace(entry, name), f"{prefix}.backends[{number}]", rules)
        except SettingsError as error:
            problems += error.problems
    if entries is not None:
        values = {**values, "backends": [_PLACEHOLDER] * len(entries)}
    try:
        shared = validate_group(SharedNamespaceSettings, values, prefix)
    except SettingsError as error:
        raise SettingsError([*problems, *error.problems]) from None
    problems += _together(shared.name, backends, prefix)
    if problems:
        raise SettingsError(problems)
    return shared.model_copy(update={"backends": list(backends.values())})


def clash(backend: BackendSettings, other: BackendSettings, title: str) -> tuple[str, str] | None:
    """Return why two backends cannot share a namespace: the key of the first to change, and a text with an error id.

    ``title`` names the other backend. Return None if they can.
    """
    namespace, remedy = f"in namespace {backend.namespace_name!r}", "choose another one, or another namespace"
    if backend.name == other.name:
        text = f"{backend.name!r} is also the name of {title} {namespace}: {remedy}"
        return "name", tagged(text, contradictions.BACKEND_NAME_TAKEN)
    theirs, ours = labels.selector(other), labels.selector(backend)
    if theirs.items() <= labels.pod_labels(backend).items():
        text = (
            f"its pods have the labels {labels.shown(theirs)}, which {title} {namespace} selects, so each would "
            f"receive requests for the other: {remedy}"
        )
        return "selector" if backend.selector else "labels", tagged(text, contradictions.SELECTOR_OVERLAP)
    if ours.items() <= labels.pod_labels(other).items():
        text = (
            f"its selector {labels.shown(ours)} matches the pods of {title} {namespace}, so each would receive "
            f"requests for the other: {remedy}"
        )
        return "selector" if backend.selector else "name", tagged(text, contradictions.SELECTOR_OVERLAP)
    return None


def _together(name: str, backends: Mapping[int, BackendSettings], prefix: str) -> list[Problem]:
    """Return the problems between backends of one namespace."""
    problems = []

    def add(key: str, text: str, kind: ErrorKind) -> None:
        problems.append(Problem(key, tagged(text, kind)))

    for number, backend in backends.items():
        key = f"{prefix}.backends[{number}]"
        if backend.namespace_name != name:
            text = f"{backend.namespace_name!r} is not the shared namespace {name!r}: omit it"
            add(f"{key}.namespace", text, contradictions.NAMESPACE_MISMATCH)
        if backend.selector:
            text = (
                "belongs to an adopted backend, which has its own namespace: omit it, or remove the backend from here"
            )
            add(f"{key}.selector", text, contradictions.ADOPTED_BACKEND_IN_SHARED_NAMESPACE)
        for earlier, other in backends.items():
            if earlier < number and (conflict := clash(backend, other, f"backends[{earlier}]")):
                problems.append(Problem(f"{key}.{conflict[0]}", conflict[1]))
    return problems


def _in_namespace(backend: Any, name: Any) -> Any:
    """Return the settings of a backend with the shared namespace, unless they name one themselves."""
    if not isinstance(name, str):
        return backend
    if isinstance(backend, BackendSettings):
        return backend if backend.namespace else backend.model_copy(update={"namespace": name})
    return {"namespace": name, **backend} if isinstance(backend, Mapping) else backend
