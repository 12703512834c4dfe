"""With a way to the API server: the number of pods taken back in time, why a release fails, and the proof at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from components import Connection, HighlyAvailableBackend, hooks
from components import verification as asking
from components.backend_scope import Scope
from components.inspection import verification
from components.settings import BackendSettings
from tests.support.fake_engine import Monitor, backend

NAME = "backend-service"
DEPLOYMENT = "apps/v1:Deployment"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the API server is asked; it finds an autoscaler, no reason to worry, and everything true."""
    asked: list[tuple[Any, ...]] = []

    def answering(name: str, answer: object) -> Callable[..., object]:
        def call(*args: Any) -> object:
            asked.append((name, *args))
            return answer

        return call

    monkeypatch.setattr("components.hooks.handover.release", answering("release", True))
    monkeypatch.setattr("components.hooks.proof.diagnosis", answering("diagnosis", "pod a: ImagePullBackOff"))
    monkeypatch.setattr(asking.proof, "proving", answering("proving", iter(())))
    return asked


def connection() -> Connection:
    return Connection(pulumi.Output.secret("the kubeconfig"), "prod")


def made(monitor: Monitor, *, connected: bool = True, **settings: Any) -> dict[str, Any]:
    """What became of the proof; every request is in the monitor."""
    found: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        whole = HighlyAvailableBackend(NAME, backend(**settings), connection=connection() if connected else None)
        return pulumi.Output.all(whole.verified, whole.verified.is_secret()).apply(
            lambda both: found.update(verified=both[0], secret=both[1])
        )

    monitor.run(program)
    return found


def hooked(monitor: Monitor) -> dict[str, list[str]]:
    bound = monitor.one(DEPLOYMENT).hooks
    return {field.name: list(value) for field, value in bound.ListFields()}


@pytest.mark.usefixtures("calls")
def test_a_deployment_says_why_it_does_not_come_up(monitor: Monitor) -> None:
    made(monitor)
    assert hooked(monitor) == {"on_error": [f"{NAME}-why"]}


@pytest.mark.usefixtures("calls")
def test_a_fixed_number_is_taken_back_before_it_is_set(monitor: Monitor) -> None:
    made(monitor, autoscaling={"enabled": False})
    assert hooked(monitor) == {"before_update": [f"{NAME}-fixed-number"], "on_error": [f"{NAME}-why"]}


@pytest.mark.parametrize("enabled", [True, False])
def test_without_a_connection_there_are_no_hooks(monitor: Monitor, enabled: bool) -> None:
    made(monitor, connected=False, autoscaling={"enabled": enabled})
    assert hooked(monitor) == {}


@pytest.mark.usefixtures("calls")
def test_nothing_but_the_deployment_has_hooks(monitor: Monitor) -> None:
    made(monitor)
    assert [request.type for request in monitor.requests if request.hooks.ListFields()] == [f"kubernetes:{DEPLOYMENT}"]


def called(monitor: Monitor, given: BackendSettings, choose: Callable[[Any], Any], args: object) -> list[object]:
    """Calls one of the hooks of a Deployment, as the engine does; gives what it gave."""
    answers: list[object] = []

    async def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        (hook,) = choose(hooks.of_deployment(Scope(NAME, given, parent, connection())))
        answers.append(await hook.callback(args))

    monitor.run(program)
    return answers


def test_the_autoscaler_is_released_by_its_name_and_namespace(monitor: Monitor, calls: list[tuple[Any, ...]]) -> None:
    given = backend(namespace="team", autoscaling={"enabled": False})
    called(monitor, given, lambda bound: bound.before_update, pulumi.ResourceHookArgs("urn", "id", "name", "type"))
    assert calls == [("release", "the kubeconfig", "prod", NAME, "team")]


def test_the_reason_of_a_failure_is_told_and_nothing_is_tried_again(
    monitor: Monitor, calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", told.append)
    given = backend()
    failed = pulumi.ErrorHookArgs("urn", "id", "name", "type", failed_operation="update", errors=["timed out"])
    assert called(monitor, given, lambda bound: bound.on_error, failed) == [False]
    assert calls == [("diagnosis", "the kubeconfig", "prod", given)]
    assert told == ["pod a: ImagePullBackOff"]


def test_an_up_ends_with_the_proof_and_keeps_no_secret_of_it(monitor: Monitor, calls: list[tuple[Any, ...]]) -> None:
    found = made(monitor, replicas=4)
    assert found == {"verified": True, "secret": False}
    ((name, kubeconfig, context, given, _log),) = calls
    assert (name, kubeconfig, context, given) == ("proving", "the kubeconfig", "prod", backend(replicas=4))


def test_without_a_connection_nothing_is_asked(monitor: Monitor, calls: list[tuple[Any, ...]]) -> None:
    assert made(monitor, connected=False)["verified"] is False
    assert calls == []


def test_it_is_asked_after_everything_it_asks_about(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[str] = []

    def proving(*_: object) -> Iterator[float]:
        there.extend(request.type for request in monitor.requests)
        yield from ()

    monkeypatch.setattr(asking.proof, "proving", proving)
    made(monitor)
    for suffix in (
        DEPLOYMENT,
        "core/v1:Service",
        "policy/v1:PodDisruptionBudget",
        "autoscaling/v2:HorizontalPodAutoscaler",
    ):
        assert f"kubernetes:{suffix}" in there


def test_an_up_is_red_where_the_proof_fails(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Iterator[float]:
        yield 0
        raise verification.NotHighlyAvailable("The backend is not highly available:\n  all 3 pods are on node a")

    monkeypatch.setattr(asking.proof, "proving", refuse)
    with pytest.raises(pulumi.RunError, match="all 3 pods are on node a"):
        made(monitor)
