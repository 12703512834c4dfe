"""The verification waits while the backend settles, lists every finding if it does not, and diagnoses a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from components.inspection import verifier
from components.inspection.client import InspectionError
from components.inspection.observation import Observation
from tests.support.fake_engine import backend
from tests.support.observations import NAME, budget, container, endpoints, observation, pod

LATE = observation(endpoints=endpoints(("zone-a", "zone-a-1")))
Responses = list[Observation | InspectionError]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Let time pass only by waiting; return the pauses."""
    pauses: list[float] = []
    monkeypatch.setattr("components.inspection.verifier.time.sleep", pauses.append)
    monkeypatch.setattr("components.inspection.verifier.time.monotonic", lambda: sum(pauses))
    yield pauses


def respond_with(monkeypatch: pytest.MonkeyPatch, responses: Responses) -> list[tuple[Any, ...]]:
    """Return the responses one after the other, the last one for ever; record the requests."""
    requests: list[tuple[Any, ...]] = []

    def observe(*args: Any, **_: Any) -> Observation:
        requests.append(args)
        response = responses.pop(0) if len(responses) > 1 else responses[0]
        if isinstance(response, InspectionError):
            raise response
        return response

    monkeypatch.setattr(verifier, "shared_client", lambda kubeconfig, context: (kubeconfig, context))
    monkeypatch.setattr(verifier, "observe", observe)
    return requests


def verify(**more: Any) -> list[str]:
    logged: list[str] = []
    verifier.verify("kubeconfig", "prod", backend(namespace="team", **more), logged.append)
    return logged


def test_success_is_logged_in_one_line(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    requests = respond_with(monkeypatch, [observation()])
    assert verify() == [
        "highly available: 3 ready endpoints in 3 zones, on 3 nodes; the disruption budget allows 1 disruption; the "
        "autoscaler reads its metrics"
    ]
    assert [one[:3] for one in requests] == [(("kubeconfig", "prod"), NAME, "team")]
    assert clock == []


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("different", "text"),
    [
        ({"budget": budget(allowed=2)}, "the disruption budget allows 2 disruptions; the autoscaler reads its metrics"),
        (
            {"endpoints": endpoints((None, "a"), (None, "b"), (None, "c")), "schedulable_zones": frozenset()},
            "3 ready endpoints on 3 nodes;",
        ),
    ],
)
def test_the_log_line_describes_the_backend(
    monkeypatch: pytest.MonkeyPatch, different: dict[str, Any], text: str
) -> None:
    respond_with(monkeypatch, [observation(**different)])
    assert text in verify()[0]


@pytest.mark.usefixtures("clock")
def test_without_an_autoscaler_the_log_line_mentions_none(monkeypatch: pytest.MonkeyPatch) -> None:
    respond_with(monkeypatch, [observation(autoscaler=None)])
    (line,) = verify(autoscaling={"enabled": False})
    assert line.endswith("the disruption budget allows 1 disruption")


def test_it_waits_until_the_endpoints_follow_and_logs_that_once(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    respond_with(monkeypatch, [LATE, LATE, LATE, observation()])
    logged = verify()
    assert logged[0] == (
        f"waiting up to 125 s for the backend to become highly available: Service {NAME} has 1 of 3 ready endpoints "
        "[endpoints-not-ready]"
    )
    assert logged[1].startswith("highly available: ")
    assert len(logged) == 2
    assert clock == [2.0] * 3


@pytest.mark.usefixtures("clock")
def test_it_waits_while_the_api_server_does_not_respond_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    respond_with(monkeypatch, [InspectionError("the API server does not respond (timed out)"), observation()])
    assert "the API server does not respond (timed out)" in verify()[0]


def test_after_the_deadline_every_finding_is_listed(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    respond_with(monkeypatch, [LATE, observation(budget=None, service=None)])
    with pytest.raises(verifier.NotHighlyAvailableError) as caught:
        verify()
    lines = str(caught.value).splitlines()
    assert lines[0] == f"The backend {NAME} in namespace team is not highly available:"
    assert [line.split()[0] for line in lines[1:-1]] == ["PodDisruptionBudget", "Service"]
    assert lines[-1] == "Fix every finding, then run `pulumi up` again. [not-highly-available]"
    assert 60 + 65 < sum(clock) <= 60 + 65 + 4


@pytest.mark.parametrize(("startup", "ready", "seconds"), [(5, 1, 66), (600, 30, 690)])
def test_it_waits_for_as_long_as_the_replacement_of_a_pod_may_take(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], startup: int, ready: int, seconds: int
) -> None:
    respond_with(monkeypatch, [LATE])
    with pytest.raises(verifier.NotHighlyAvailableError):
        verify(health={"startupSeconds": startup}, rollout={"minReadySeconds": ready, "progressDeadlineSeconds": 900})
    assert seconds < sum(clock) <= seconds + 4


def test_the_deadline_can_be_overridden(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    respond_with(monkeypatch, [LATE])
    with pytest.raises(verifier.NotHighlyAvailableError):
        verifier.verify("kubeconfig", "prod", backend(), list[str]().append, 0)
    assert sum(clock) <= 4


@pytest.mark.usefixtures("clock")
def test_one_client_serves_the_whole_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = respond_with(monkeypatch, [LATE, InspectionError("timed out"), LATE, observation()])
    created: list[tuple[str, str | None]] = []

    def client(*args: Any) -> object:
        created.append(args)
        return created

    monkeypatch.setattr(verifier, "shared_client", client)
    verify()
    assert created == [("kubeconfig", "prod")]
    assert len(requests) == 4
    assert all(args[0] is created for args in requests)


def test_without_a_client_the_promise_cannot_be_verified(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    requests = respond_with(monkeypatch, [observation()])

    def unusable(*_: Any) -> None:
        raise InspectionError("the kubeconfig cannot be used: no token")

    monkeypatch.setattr(verifier, "shared_client", unusable)
    with pytest.raises(verifier.NotHighlyAvailableError) as caught:
        verify()
    assert str(caught.value) == (
        f"Cannot verify that {NAME} is highly available: the kubeconfig cannot be used: no token"
    )
    assert (requests, clock) == ([], []), "waiting does not fix it"


def test_an_api_server_that_never_responds_is_reported(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    respond_with(monkeypatch, [InspectionError("the API server does not respond (refused)")])
    with pytest.raises(verifier.NotHighlyAvailableError, match="does not respond"):
        verify()
    assert clock


def diagnosis(monkeypatch: pytest.MonkeyPatch, response: Observation | InspectionError) -> str:
    respond_with(monkeypatch, [response])
    return verifier.diagnose_release("kubeconfig", "prod", backend())


def failing(count: int) -> Callable[[], tuple[Any, ...]]:
    return lambda: tuple(
        pod(f"new-{number}", conditions=[("Ready", "False")], containers=[container("ErrImagePull", "denied")])
        for number in range(count)
    )


def test_a_failed_release_names_its_cause_and_what_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosis(monkeypatch, observation(pods=(pod("old"), *failing(1)()))) == (
        f"The release of {NAME} did not become ready, 3 pods keep serving; pod new-0: ErrImagePull denied "
        "[release-failed]"
    )


def test_a_failed_release_is_one_line_for_any_number_of_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    text = diagnosis(monkeypatch, observation(pods=failing(9)(), endpoints=()))
    assert text.startswith(
        f"The release of {NAME} did not become ready, no pod is serving; pod new-0: ErrImagePull denied"
    )
    assert text.endswith("; and 6 more [release-failed]")
    assert "\n" not in text


def test_a_failed_release_whose_cause_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosis(monkeypatch, observation(pods=())) == (
        f"The release of {NAME} did not become ready, 3 pods keep serving [release-failed]"
    )
    assert diagnosis(monkeypatch, InspectionError("the API server does not respond (refused)")) == (
        f"The release of {NAME} failed, and its pods cannot be read: the API server does not respond (refused) "
        "[release-failed]"
    )
