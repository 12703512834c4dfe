"""What may be said of a namespace that several backends share, and what several backends in one namespace must not be."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from . import labels
from .backend import BackendSettings
from .base import Group, Name
from .conflict import Conflict
from .load import validate_backend, validate_group
from .problems import Problem, SettingsError

_STAND_IN = {"image": "placeholder:0"}  # for a backend that was looked at by itself


class SharedNamespaceSettings(Group):
    """A namespace for several backends, with one policy: what is admitted, how many pods there may be, what traffic.

    The number of pods is the sum of what the backends need, so that all of them are named beforehand.
    """

    name: Name = Field(description="Name of the namespace.")
    backends: list[BackendSettings] = Field(
        min_length=1,
        max_length=100,
        description="The backends in it, each with a name of its own. Their `namespace` may be left out.",
    )


def validate_shared(
    args: SharedNamespaceSettings | Mapping[str, Any],
    prefix: str,
    rules: Callable[[BackendSettings], list[Conflict]] = lambda _: [],
) -> SharedNamespaceSettings:
    """The settings, every backend's `namespace` filled in. Raises SettingsError with all problems of all backends at once."""
    values = {key: getattr(args, key) for key in type(args).model_fields} if isinstance(args, Group) else args
    name, given = (values.get(key) if isinstance(values, Mapping) else None for key in ("name", "backends"))
    listed = given if isinstance(given, (list, tuple)) else None
    found: list[Problem] = []
    backends: dict[int, BackendSettings] = {}
    for number, one in enumerate(listed or ()):
        try:
            backends[number] = validate_backend(_within(one, name), f"{prefix}.backends[{number}]", rules)
        except SettingsError as error:
            found += error.problems
    try:  # without the backends, which were looked at by themselves
        frame = validate_group(
            SharedNamespaceSettings,
            values if listed is None else {**values, "backends": [_STAND_IN] * len(listed)},
            prefix,
        )
    except SettingsError as error:
        raise SettingsError([*found, *error.problems]) from None
    found += _together(frame.name, backends, prefix)
    if found:
        raise SettingsError(found)
    return frame.model_copy(update={"backends": list(backends.values())})


def clash(backend: BackendSettings, other: BackendSettings, title: str) -> tuple[str, str] | None:
    """Why two backends cannot be in one namespace: the key of the first to change, and a text. ``title`` is of the other."""
    where, remedy = f"in namespace {backend.namespace_name!r}", "choose another, or another namespace"
    if backend.name == other.name:
        return "name", f"{backend.name!r} is also the name of {title} {where}: {remedy}"
    theirs, ours = labels.selector(other), labels.selector(backend)
    if theirs.items() <= labels.pods(backend).items():
        return (
            "selector" if backend.selector else "labels",
            f"its pods carry {labels.shown(theirs)}, by which {title} {where} selects its own: they would get the requests "
            f"of both: {remedy}",
        )
    if ours.items() <= labels.pods(other).items():
        return (
            "selector" if backend.selector else "name",
            f"its pods are selected by {labels.shown(ours)}, which those of {title} {where} carry as well: they would get "
            f"the requests of both: {remedy}",
        )
    return None


def _together(name: str, backends: Mapping[int, BackendSettings], prefix: str) -> list[Problem]:
    found = []
    for number, one in backends.items():
        key = f"{prefix}.backends[{number}]"
        if one.namespace_name != name:
            found.append(
                Problem(
                    f"{key}.namespace",
                    f"{one.namespace_name!r} is not the namespace that is shared, {name!r}: leave it out",
                )
            )
        if one.selector:
            found.append(
                Problem(
                    f"{key}.selector",
                    "is of a backend that was taken over, which has a namespace of its own: "
                    "leave it out, or take the backend out of here",
                )
            )
        for before, other in backends.items():
            if before < number and (text := clash(one, other, f"backends[{before}]")):
                found.append(Problem(f"{key}.{text[0]}", text[1]))
    return found


def _within(backend: Any, name: Any) -> Any:
    """The same backend, in the namespace where it says none itself."""
    if isinstance(backend, BackendSettings):
        return (
            backend
            if backend.namespace or not isinstance(name, str)
            else backend.model_copy(update={"namespace": name})
        )
    return {"namespace": name, **backend} if isinstance(backend, Mapping) and isinstance(name, str) else backend
