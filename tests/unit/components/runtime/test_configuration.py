"""What is looked at before a run, when the running backend is asked, and how a problem reaches whoever runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import Connection
from components.availability import UNKNOWN
from components.preflight import PreflightError, Way
from components.runtime import configuration
from components.runtime.configuration import Surroundings, inspecting, reporting, surroundings
from components.settings import ExistingCluster, LocalCluster, Settings, SettingsError, StackReferenceCluster
from tests.support.fake_engine import IMAGE, backend
from tests.support.problems import REFERENCE, config

FOLDER = Path("/nowhere")
LOCAL = Settings(cluster=LocalCluster(kind="local"), backend=backend())
REFERRED = Settings(cluster=StackReferenceCluster.model_validate(REFERENCE), backend=backend())
WAY = Way("reduced", "c", "one", (), "context 'c'", "correct the context", "ha-backend:cluster.zones")
EXISTING = Settings(cluster=ExistingCluster(kind="existing", kubeconfig="k", context="c"), backend=backend())


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was looked at; everything is as it must be."""
    done: list[str] = []
    for name, answer in (("check", None), ("way", WAY), ("answers", None), ("facts", UNKNOWN)):
        monkeypatch.setattr(
            configuration.preflight, name, lambda *_, name=name, answer=answer: (done.append(name), answer)[1]
        )
    monkeypatch.delenv(configuration.RENDERING, raising=False)
    yield done


def preview(monkeypatch: pytest.MonkeyPatch, *, dry: bool) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry)


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize("stack", [EXISTING, REFERRED])
def test_a_cluster_that_is_there_is_looked_at_in_a_preview_too(
    monkeypatch: pytest.MonkeyPatch, looked: list[str], dry: bool, stack: Settings
) -> None:
    preview(monkeypatch, dry=dry)
    assert surroundings(stack.sites[0], FOLDER) == Surroundings("reduced", "one", UNKNOWN)
    assert looked == ["way", "answers", "facts"]


@pytest.mark.usefixtures("looked")
def test_what_the_cluster_is_warned_of_is_told_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    preview(monkeypatch, dry=True)
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    monkeypatch.setattr(configuration.preflight, "facts", lambda *args: (args[2]("a zone is empty"), UNKNOWN)[1])
    assert surroundings(EXISTING.sites[0], FOLDER).facts == UNKNOWN
    assert warned == ["a zone is empty"]


@pytest.mark.parametrize(("dry", "done"), [(True, []), (False, ["check"])])
def test_an_embedded_cluster_matters_when_it_is_about_to_be_made(
    monkeypatch: pytest.MonkeyPatch, looked: list[str], dry: bool, done: list[str]
) -> None:
    preview(monkeypatch, dry=dry)
    assert surroundings(LOCAL.sites[0], FOLDER) == Surroundings()
    assert looked == done


@pytest.mark.parametrize("stack", [LOCAL, EXISTING, REFERRED])
def test_a_rendering_looks_at_nothing(monkeypatch: pytest.MonkeyPatch, looked: list[str], stack: Settings) -> None:
    preview(monkeypatch, dry=False)
    monkeypatch.setenv(configuration.RENDERING, "1")
    assert surroundings(stack.sites[0], FOLDER) == Surroundings()
    assert looked == []


@pytest.mark.parametrize(
    ("dry", "rendering", "asked"), [(False, "", True), (True, "", False), (False, "1", False), (True, "1", False)]
)
def test_the_running_backend_is_asked_in_an_up_and_only_there(
    monkeypatch: pytest.MonkeyPatch, dry: bool, rendering: str, asked: bool
) -> None:
    preview(monkeypatch, dry=dry)
    monkeypatch.setenv(configuration.RENDERING, rendering)
    connection: Any = Connection(None, "prod")  # type: ignore[arg-type]
    assert inspecting(connection) is (connection if asked else None)


@pytest.mark.parametrize(("value", "on"), [("", False), ("1", True)])
def test_a_run_that_goes_on_after_another_says_so(monkeypatch: pytest.MonkeyPatch, value: str, on: bool) -> None:
    monkeypatch.setenv(configuration.RESUMING, value)
    assert configuration.resuming() is on


def test_the_settings_are_held_against_the_cluster_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    values = config(
        {"image": IMAGE, "survive": "zone", "autoscaling": {"maxReplicas": 6}}, {"kind": "local", "zones": ["a"]}
    )
    monkeypatch.setattr(configuration, "get_config_env", lambda: values)
    monkeypatch.setattr(configuration, "get_config_secret_keys_env", list)
    with pytest.raises(SettingsError, match=r"backend\.survive: 'zone' cannot hold"):
        configuration.settings()


def awaited(program: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    """As the engine does it, when the main module has ended."""
    begun: list[Callable[[], Coroutine[Any, Any, None]]] = []
    monkeypatch.setattr(pulumi, "run", begun.append)
    reporting(program)
    (run,) = begun
    asyncio.run(run())


@pytest.mark.parametrize("error", [SettingsError([]), PreflightError("the API server does not answer")])
def test_what_a_user_can_act_on_is_told_without_frames(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def program() -> None:
        raise error

    with pytest.raises(pulumi.RunError, match=str(error)[:20]) as caught:
        awaited(program, monkeypatch)
    assert caught.value.__suppress_context__


def test_what_nobody_foresaw_keeps_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    async def program() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        awaited(program, monkeypatch)
