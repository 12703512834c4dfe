"""The proof waits while the backend settles, names every reason when it does not, and tells a failed release apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from components.inspection import verification
from components.inspection.client import InspectionError
from components.inspection.observation import Observation
from tests.support.fake_engine import backend
from tests.support.observations import NAME, budget, container, endpoints, pod, seen

LATE = seen(endpoints=endpoints(("zone-a", "zone-a-1")))
Answers = list[Observation | InspectionError]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Time passes by waiting only: the pauses there were."""
    pauses: list[float] = []
    monkeypatch.setattr(verification.time, "sleep", pauses.append)
    monkeypatch.setattr(verification.time, "monotonic", lambda: sum(pauses))
    yield pauses


def observing(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> list[tuple[Any, ...]]:
    """Answers one after the other, the last one for ever; gives what was asked for."""
    asked: list[tuple[Any, ...]] = []

    def observe(*args: Any) -> Observation:
        asked.append(args)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, InspectionError):
            raise answer
        return answer

    monkeypatch.setattr(verification, "shared", lambda kubeconfig, context: (kubeconfig, context))
    monkeypatch.setattr(verification, "observe", observe)
    return asked


def verified(**more: Any) -> list[str]:
    told: list[str] = []
    verification.prove("kubeconfig", "prod", backend(namespace="team", **more), told.append)
    return told


def test_what_is_true_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    asked = observing(monkeypatch, [seen()])
    assert verified() == [
        "highly available: 3 ready endpoints in 3 zones, 3 nodes; the budget allows 1 disruption; the "
        "autoscaler reads its metrics"
    ]
    assert [one[:3] for one in asked] == [(("kubeconfig", "prod"), NAME, "team")]
    assert clock == []


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("different", "text"),
    [
        ({"budget": budget(allowed=2)}, "the budget allows 2 disruptions; the autoscaler reads its metrics"),
        (
            {"endpoints": endpoints((None, "a"), (None, "b"), (None, "c")), "zones": frozenset()},
            "3 ready endpoints in 3 nodes;",
        ),
    ],
)
def test_the_line_says_what_is_there(monkeypatch: pytest.MonkeyPatch, different: dict[str, Any], text: str) -> None:
    observing(monkeypatch, [seen(**different)])
    assert text in verified()[0]


@pytest.mark.usefixtures("clock")
def test_without_an_autoscaler_none_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    observing(monkeypatch, [seen(autoscaler=None)])
    (line,) = verified(autoscaling={"enabled": False})
    assert line.endswith("the budget allows 1 disruption")


def test_it_waits_until_the_endpoints_follow_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    observing(monkeypatch, [LATE, LATE, LATE, seen()])
    told = verified()
    assert told[0] == (
        f"waiting up to 125 s until it is highly available: Service {NAME} has 1 ready endpoints, fewer than 3"
    )
    assert told[1].startswith("highly available: ")
    assert len(told) == 2
    assert clock == [2.0] * 3


@pytest.mark.usefixtures("clock")
def test_an_api_server_that_does_not_answer_for_a_moment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    observing(monkeypatch, [InspectionError("the API server does not answer (timed out)"), seen()])
    assert "the API server does not answer (timed out)" in verified()[0]


def test_what_does_not_become_true_is_named_with_every_reason(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    observing(monkeypatch, [LATE, seen(budget=None, service=None)])
    with pytest.raises(verification.NotHighlyAvailable) as caught:
        verified()
    lines = str(caught.value).splitlines()
    assert lines[0] == f"The backend {NAME} in namespace team is not highly available:"
    assert [line.split()[0] for line in lines[1:]] == ["PodDisruptionBudget", "Service"]
    assert 60 + 65 < sum(clock) <= 60 + 65 + 4


@pytest.mark.parametrize(("startup", "ready", "seconds"), [(5, 1, 66), (600, 30, 690)])
def test_it_waits_for_as_long_as_a_pod_that_is_just_being_replaced_may_take(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], startup: int, ready: int, seconds: int
) -> None:
    observing(monkeypatch, [LATE])
    with pytest.raises(verification.NotHighlyAvailable):
        verified(health={"startupSeconds": startup}, rollout={"minReadySeconds": ready, "progressDeadlineSeconds": 900})
    assert seconds < sum(clock) <= seconds + 4


def test_another_time_to_wait_may_be_given(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    observing(monkeypatch, [LATE])
    with pytest.raises(verification.NotHighlyAvailable):
        verification.prove("kubeconfig", "prod", backend(), list[str]().append, 0)
    assert sum(clock) <= 4


@pytest.mark.usefixtures("clock")
def test_one_client_does_for_the_whole_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = observing(monkeypatch, [LATE, InspectionError("timed out"), LATE, seen()])
    made: list[tuple[str, str | None]] = []

    def client(*args: Any) -> object:
        made.append(args)
        return made

    monkeypatch.setattr(verification, "shared", client)
    verified()
    assert made == [("kubeconfig", "prod")]
    assert len(asked) == 4
    assert all(args[0] is made for args in asked)


def test_where_no_client_can_be_built_nobody_can_tell(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    asked = observing(monkeypatch, [seen()])

    def unusable(*_: Any) -> None:
        raise InspectionError("the kubeconfig cannot be used: no token")

    monkeypatch.setattr(verification, "shared", unusable)
    with pytest.raises(verification.NotHighlyAvailable) as caught:
        verified()
    assert str(caught.value) == (
        f"Nobody can tell whether {NAME} is highly available: the kubeconfig cannot be used: no token"
    )
    assert (asked, clock) == ([], []), "waiting does not mend it"


def test_an_api_server_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    observing(monkeypatch, [InspectionError("the API server does not answer (refused)")])
    with pytest.raises(verification.NotHighlyAvailable, match="does not answer"):
        verified()
    assert clock


def diagnosed(monkeypatch: pytest.MonkeyPatch, answer: Observation | InspectionError) -> str:
    observing(monkeypatch, [answer])
    return verification.diagnosis("kubeconfig", "prod", backend())


def failing(count: int) -> Callable[[], tuple[Any, ...]]:
    return lambda: tuple(
        pod(f"new-{number}", conditions=[("Ready", "False")], containers=[container("ErrImagePull", "denied")])
        for number in range(count)
    )


def test_a_failed_release_says_why_and_what_serves_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosed(monkeypatch, seen(pods=(pod("old"), *failing(1)()))) == (
        f"The release of {NAME} did not come up, 3 pods serve on; pod new-0: ErrImagePull denied"
    )


def test_a_failed_release_is_one_line_however_many_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    text = diagnosed(monkeypatch, seen(pods=failing(9)(), endpoints=()))
    assert text.startswith(f"The release of {NAME} did not come up, no pod serves; pod new-0: ErrImagePull denied")
    assert text.endswith("; and 6 more")
    assert "\n" not in text


def test_a_failed_release_of_which_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosed(monkeypatch, seen(pods=())) == f"The release of {NAME} did not come up, 3 pods serve on"
    assert diagnosed(monkeypatch, InspectionError("the API server does not answer (refused)")) == (
        "What is wrong with the release cannot be told: the API server does not answer (refused)"
    )
