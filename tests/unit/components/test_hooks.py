"""With access to the API server: the hooks of the Deployment, and the verification at the end of an update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from components import Connection, HighlyAvailableBackend, hooks
from components.backend_scope import BackendScope
from components.inspection import verifier
from components.inspection.client import InspectionError
from components.settings import BackendSettings
from tests.support.fake_engine import Monitor, backend

NAME = "backend-service"
DEPLOYMENT = "apps/v1:Deployment"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Record the inspections: an autoscaler exists, a release fails, and the promise holds."""
    inspections: list[tuple[Any, ...]] = []

    def returning(name: str, result: object) -> Callable[..., object]:
        def call(*args: Any) -> object:
            inspections.append((name, *args))
            return result

        return call

    monkeypatch.setattr(
        "components.hooks.replica_handover.delete_own_autoscaler", returning("delete_own_autoscaler", True)
    )
    monkeypatch.setattr(
        "components.hooks.verifier.diagnose_release", returning("diagnose_release", "pod a: ImagePullBackOff")
    )
    monkeypatch.setattr(
        "components.verification.verifier.verification_steps", returning("verification_steps", iter(()))
    )
    return inspections


def connection() -> Connection:
    return Connection(pulumi.Output.secret("the kubeconfig"), "prod")


def run_backend(monitor: Monitor, *, connected: bool = True, **settings: Any) -> dict[str, Any]:
    """Run a program with one backend; return its verification. Every registration is in the monitor."""
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
def test_a_failed_deployment_is_diagnosed(monitor: Monitor) -> None:
    run_backend(monitor)
    assert hooked(monitor) == {"on_error": [f"{NAME}-why"]}


@pytest.mark.usefixtures("calls")
def test_the_autoscaler_is_deleted_before_a_fixed_replica_count_is_set(monitor: Monitor) -> None:
    run_backend(monitor, autoscaling={"enabled": False})
    assert hooked(monitor) == {"before_update": [f"{NAME}-fixed-number"], "on_error": [f"{NAME}-why"]}


@pytest.mark.parametrize("enabled", [True, False])
def test_without_a_connection_there_are_no_hooks(monitor: Monitor, enabled: bool) -> None:
    run_backend(monitor, connected=False, autoscaling={"enabled": enabled})
    assert hooked(monitor) == {}


@pytest.mark.usefixtures("calls")
def test_only_the_deployment_has_hooks(monitor: Monitor) -> None:
    run_backend(monitor)
    assert [request.type for request in monitor.requests if request.hooks.ListFields()] == [f"kubernetes:{DEPLOYMENT}"]


def call_hook(monitor: Monitor, settings: BackendSettings, choose: Callable[[Any], Any], args: object) -> list[object]:
    """Call one of the hooks of a Deployment as the engine does; return its results."""
    results: list[object] = []

    async def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        (hook,) = choose(hooks.of_deployment(BackendScope(NAME, settings, parent, connection())))
        results.append(await hook.callback(args))

    monitor.run(program)
    return results


def test_the_autoscaler_is_deleted_by_its_name_and_namespace(monitor: Monitor, calls: list[tuple[Any, ...]]) -> None:
    settings = backend(namespace="team", autoscaling={"enabled": False})
    call_hook(
        monitor, settings, lambda bound: bound.before_update, pulumi.ResourceHookArgs("urn", "id", "name", "type")
    )
    assert calls == [("delete_own_autoscaler", "the kubeconfig", "prod", NAME, "team")]


def test_an_autoscaler_that_cannot_be_deleted_stops_the_update(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise InspectionError("the API server returned 403 (cannot delete)")

    monkeypatch.setattr("components.hooks.replica_handover.delete_own_autoscaler", fail)
    settings = backend(autoscaling={"enabled": False})
    with pytest.raises(pulumi.RunError, match=r"returned 403 \(cannot delete\).* \[replica-handover-failed\]$"):
        call_hook(
            monitor, settings, lambda bound: bound.before_update, pulumi.ResourceHookArgs("urn", "id", "name", "type")
        )


def test_the_cause_of_a_failure_is_logged_without_a_retry(
    monitor: Monitor, calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", logged.append)
    settings = backend()
    failed = pulumi.ErrorHookArgs("urn", "id", "name", "type", failed_operation="update", errors=["timed out"])
    assert call_hook(monitor, settings, lambda bound: bound.on_error, failed) == [False]
    assert calls == [("diagnose_release", "the kubeconfig", "prod", settings)]
    assert logged == ["pod a: ImagePullBackOff"]


def test_an_update_ends_with_the_verification_and_its_result_is_no_secret(
    monitor: Monitor, calls: list[tuple[Any, ...]]
) -> None:
    found = run_backend(monitor, replicas=4)
    assert found == {"verified": True, "secret": False}
    ((name, kubeconfig, context, settings, _log),) = calls
    assert (name, kubeconfig, context, settings) == (
        "verification_steps",
        "the kubeconfig",
        "prod",
        backend(replicas=4),
    )


def test_without_a_connection_nothing_is_verified(monitor: Monitor, calls: list[tuple[Any, ...]]) -> None:
    assert run_backend(monitor, connected=False)["verified"] is False
    assert calls == []


def test_the_verification_runs_after_everything_it_verifies(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[str] = []

    def steps(*_: object) -> Iterator[float]:
        registered.extend(request.type for request in monitor.requests)
        yield from ()

    monkeypatch.setattr("components.verification.verifier.verification_steps", steps)
    run_backend(monitor)
    for suffix in (
        DEPLOYMENT,
        "core/v1:Service",
        "policy/v1:PodDisruptionBudget",
        "autoscaling/v2:HorizontalPodAutoscaler",
    ):
        assert f"kubernetes:{suffix}" in registered


def test_an_update_fails_if_the_verification_fails(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[float]:
        yield 0
        raise verifier.NotHighlyAvailableError("The backend is not highly available:\n  all 3 pods are on node a")

    monkeypatch.setattr("components.verification.verifier.verification_steps", fail)
    with pytest.raises(pulumi.RunError, match="all 3 pods are on node a"):
        run_backend(monitor)
