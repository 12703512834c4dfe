"""Check what is looked up before a run, when the running backend is verified, and how problems reach the user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import Connection, FoundCluster, cluster, preflight
from components.availability import UNKNOWN
from components.clusters import local_checks
from components.preflight import KnownCluster, LookUp, PreflightError
from components.runtime import configuration, entrypoint, placements
from components.runtime.configuration import for_verification
from components.settings import ExistingCluster, LocalCluster, Settings, SettingsError, StackReferenceCluster
from tests.support.fake_engine import IMAGE, backend
from tests.support.problems import REFERENCE, config

FOLDER = Path("/nowhere")
LOCAL = Settings(cluster=LocalCluster(kind="local"), backend=backend())
REFERRED = Settings(cluster=StackReferenceCluster.model_validate(REFERENCE), backend=backend())
EXISTING = Settings(cluster=ExistingCluster(kind="existing", kubeconfig="k", context="c"), backend=backend())
KNOWN = KnownCluster(preflight.ClusterAccess("reduced", "c", "one"))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Record the look-ups. Each succeeds."""
    done: list[str] = []

    def record(name: str, answer: Any) -> Callable[..., Any]:
        def looked_up(*_: Any) -> Any:
            done.append(name)
            return answer

        return looked_up

    for kind in (ExistingCluster, StackReferenceCluster):
        monkeypatch.setattr(kind, "locate", record("locate", KNOWN))
    monkeypatch.setattr(preflight, "inspected", record("inspected", UNKNOWN))
    monkeypatch.setattr(local_checks, "check", record("check", None))
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    monkeypatch.delenv(configuration.RENDERING, raising=False)
    monkeypatch.delenv(configuration.RESUMING, raising=False)
    yield done


def preview(monkeypatch: pytest.MonkeyPatch, *, dry: bool) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry)


def found(stack: Settings) -> FoundCluster:
    (place,) = placements.places(stack, FOLDER)
    return place.found


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize("stack", [EXISTING, REFERRED])
def test_an_existing_cluster_is_looked_up_in_a_preview_too(
    monkeypatch: pytest.MonkeyPatch, looked: list[str], dry: bool, stack: Settings
) -> None:
    preview(monkeypatch, dry=dry)
    assert (found(stack).known, found(stack).facts) == (KNOWN, UNKNOWN)
    assert looked == ["locate", "inspected"] * 2


@pytest.mark.usefixtures("looked")
def test_the_engine_logs_the_warnings_of_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    preview(monkeypatch, dry=True)
    monkeypatch.setattr(pulumi.log, "warn", warned.append)

    def inspected(_: KnownCluster, options: LookUp) -> Any:
        assert (options.key, options.backend, options.backend_key) == (
            "ha-backend:cluster",
            EXISTING.backend,
            "ha-backend:backend",
        )
        options.warn("a zone is empty")
        return UNKNOWN

    monkeypatch.setattr(preflight, "inspected", inspected)
    assert found(EXISTING).facts == UNKNOWN
    assert warned == ["a zone is empty"]


@pytest.mark.parametrize(("dry", "done"), [(True, []), (False, ["check"])])
def test_an_embedded_cluster_is_checked_when_it_is_about_to_start(
    monkeypatch: pytest.MonkeyPatch, looked: list[str], dry: bool, done: list[str]
) -> None:
    preview(monkeypatch, dry=dry)
    assert found(LOCAL) == FoundCluster(folder="/nowhere/.ha-backend/clusters/dev")
    assert looked == done


@pytest.mark.parametrize("stack", [LOCAL, EXISTING, REFERRED])
def test_a_rendering_looks_up_nothing(monkeypatch: pytest.MonkeyPatch, looked: list[str], stack: Settings) -> None:
    preview(monkeypatch, dry=False)
    monkeypatch.setenv(configuration.RENDERING, "1")
    assert (found(stack).known, found(stack).facts) == (None, None)
    assert looked == []


def test_a_cluster_of_a_program_is_looked_up_before_it_is_registered(
    monkeypatch: pytest.MonkeyPatch, looked: list[str]
) -> None:
    preview(monkeypatch, dry=True)
    assert cluster.look_up("c", {"kind": "existing", "kubeconfig": "k", "context": "c"}).facts == UNKNOWN
    assert looked == ["locate", "inspected"]
    with pytest.raises(SettingsError, match=r"c\.context"):
        cluster.look_up("c", {"kind": "existing", "kubeconfig": "k"})


@pytest.mark.parametrize(
    ("dry", "rendering", "verified"), [(False, "", True), (True, "", False), (False, "1", False), (True, "1", False)]
)
def test_the_running_backend_is_verified_in_an_up_and_only_there(
    monkeypatch: pytest.MonkeyPatch, dry: bool, rendering: str, verified: bool
) -> None:
    preview(monkeypatch, dry=dry)
    monkeypatch.setenv(configuration.RENDERING, rendering)
    connection: Any = Connection(None, "prod")  # type: ignore[arg-type]
    assert for_verification(connection) is (connection if verified else None)


@pytest.mark.parametrize(("value", "on"), [("", False), ("1", True)])
def test_a_run_that_continues_an_interrupted_one(monkeypatch: pytest.MonkeyPatch, value: str, on: bool) -> None:
    monkeypatch.setenv(configuration.RESUMING, value)
    assert configuration.resuming() is on


def test_the_settings_are_checked_against_the_cluster_that_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    values = config(
        {"image": IMAGE, "survive": "zone", "autoscaling": {"maxReplicas": 6}}, {"kind": "local", "zones": ["a"]}
    )
    monkeypatch.setattr(configuration, "get_config_env", lambda: values)
    monkeypatch.setattr(configuration, "get_config_secret_keys_env", list)
    with pytest.raises(SettingsError, match=r"backend\.survive: 'zone' cannot hold"):
        configuration.settings()


def ran(main: Callable[[], Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Run a program as the engine does, after its main module has ended."""
    started: list[Callable[[], Coroutine[Any, Any, Mapping[str, Any]]]] = []
    monkeypatch.setattr(pulumi, "run", started.append)
    entrypoint.run(main)
    (program,) = started
    return asyncio.run(program())


def test_the_outputs_of_the_program_are_those_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ran(lambda: {"endpoint": "http://x"}, monkeypatch) == {"endpoint": "http://x"}


@pytest.mark.parametrize(
    "error", [SettingsError([]), PreflightError(preflight.Problem("key", "the API server does not answer"))]
)
def test_what_a_user_can_act_on_has_no_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> Mapping[str, Any]:
        raise error

    with pytest.raises(pulumi.RunError, match=str(error)[:20]) as caught:
        ran(main, monkeypatch)
    assert caught.value.__suppress_context__


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> Mapping[str, Any]:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        ran(main, monkeypatch)


def test_a_program_can_be_captured_without_an_engine() -> None:
    def main() -> Mapping[str, Any]:
        raise AssertionError("nothing runs")

    with entrypoint.capturing() as programs:
        entrypoint.run(main)
    assert programs == [main]
