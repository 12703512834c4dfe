"""The hooks of the backend's own container: preStop, in which a terminating pod serves on, and postStart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import overrides
from ...errors import settings as errors
from ..conflict import Conflict
from . import reader

if TYPE_CHECKING:
    from ..backend import BackendSettings

_HANDLERS = ("exec", "httpGet", "sleep", "tcpSocket")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield hooks that end the service too early, or that would fail. Keys are relative to the backend."""
    key, own = reader.own_container(backend.pod_template)
    if "lifecycle" not in own:
        return
    lifecycle = own["lifecycle"]
    if lifecycle is None:
        yield _sleep(backend, f"{key}.lifecycle", None)
        return
    yield from stop_signal(f"{key}.lifecycle", lifecycle)
    for name in ("preStop", "postStart"):
        if name not in lifecycle:
            continue
        hook, where = lifecycle[name], f"{key}.lifecycle.{name}"
        handlers = [each for each in _HANDLERS if (hook or {}).get(each) is not None]
        if name == "preStop" and (hook is None or _too_short(backend, hook)):
            yield _sleep(backend, where, hook)
        elif len(handlers) != 1 or handlers == ["tcpSocket"]:
            yield Conflict(
                where,
                hook,
                "needs exactly one of exec and httpGet: the kubelet runs one, and no longer runs tcpSocket",
                kind=errors.INVALID_CHOICE,
            )
        else:
            yield from _port(backend, where, hook)


def stop_signal(key: str, lifecycle: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield a stop signal, which most clusters do not store."""
    if "stopSignal" in lifecycle:
        yield Conflict(
            f"{key}.stopSignal",
            lifecycle["stopSignal"],
            "is dropped by clusters with default feature gates: omit it",
            kind=overrides.FIELD_DROPPED,
        )


def sleep_seconds(hook: Mapping[str, Any]) -> int | None:
    """Return the seconds of a hook that only sleeps, by the kubelet or by the command `sleep`; else None."""
    if "sleep" in hook:
        return int((hook["sleep"] or {}).get("seconds", 0))
    command = (hook.get("exec") or {}).get("command") or []
    words = " ".join(map(str, command)).split()
    if words[:2] in (["sh", "-c"], ["/bin/sh", "-c"], ["bash", "-c"], ["/bin/bash", "-c"]):
        words = words[2:]
    if len(words) == 2 and words[0] in ("sleep", "/bin/sleep", "/usr/bin/sleep"):
        number = words[1].removesuffix("s")
        return int(number) if number.isdigit() else None
    return None


def _too_short(backend: BackendSettings, hook: Mapping[str, Any]) -> bool:
    seconds = sleep_seconds(hook)
    return "sleep" in hook or (seconds is not None and seconds < backend.shutdown.deregistration_seconds)


def _sleep(backend: BackendSettings, key: str, hook: Mapping[str, Any] | None) -> Conflict:
    return Conflict(
        key,
        hook,
        "takes the place of the kubelet's sleep, in which a terminating pod serves on until no more requests arrive: "
        f"set shutdown.deregistrationSeconds ({backend.shutdown.deregistration_seconds}) to the seconds, and omit "
        "this; or set exec or httpGet, which has to take as long",
        kind=overrides.MANAGED_FIELD,
    )


def _port(backend: BackendSettings, key: str, hook: Mapping[str, Any]) -> Iterator[Conflict]:
    port = (hook.get("httpGet") or {}).get("port")
    _, own = reader.own_container(backend.pod_template)
    known = {*backend.port_names, *(each.get("name") for each in own.get("ports") or ())}
    if isinstance(port, str) and not port.isdigit() and port not in known:
        names = ", ".join(sorted(filter(None, known)))
        yield Conflict(
            f"{key}.httpGet.port",
            port,
            f"is not a port of the container: use a number, or one of {names}",
            kind=overrides.UNKNOWN_PORT,
        )
