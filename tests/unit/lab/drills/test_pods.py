"""Pods as drills read them, and those that must move for an even spread."""

from __future__ import annotations

import pytest

from lab.drills.pods import read
from lab.drills.steady import crowded
from tests.support.fake_target import pod


@pytest.mark.parametrize(
    ("counts", "moved"),
    [
        ((1, 1, 1), {}),
        ((2, 2, 1), {}),
        ((2, 1, 0), {"a": 1}),
        ((2, 2, 0), {"a": 1}),
        ((0, 450, 450), {"b": 150, "c": 150}),
        ((), {}),
    ],
)
def test_crowded_pods_are_moved(counts: tuple[int, ...], moved: dict[str, int]) -> None:
    zones = {
        zone: [pod(f"{zone}{number}") for number in range(count)]
        for zone, count in zip("abc"[: len(counts)], counts, strict=True)
    }
    pods = crowded(zones)
    assert {zone: sum(one.name.startswith(zone) for one in pods) for zone in {one.name[0] for one in pods}} == moved
    assert len(set(pods)) == len(pods)


def test_a_pod_is_read_from_json() -> None:
    meta = {"name": "web-1", "namespace": "web", "uid": "u1", "creationTimestamp": "2026-08-19T10:00:00Z"}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"containerID": "containerd://abc"}],
    }
    result = read({"metadata": meta, "spec": {"nodeName": "n1"}, "status": status})
    assert (
        result == pod("web-1", uid="u1", created="2026-08-19T10:00:00Z", container="containerd://abc") and result.alive
    )
    terminating = read(
        {"metadata": {**meta, "deletionTimestamp": "2026-08-19T10:01:00Z"}, "spec": {}, "status": status}
    )
    assert terminating.terminating and not terminating.alive and terminating.node == ""
    assert not read({"metadata": meta, "spec": {}}).alive


def test_the_serving_container_is_the_first_one_in_the_spec() -> None:
    """The kubelet sorts container statuses by name."""
    status = {
        "containerStatuses": [
            {"name": "agent", "containerID": "containerd://a"},
            {"name": "web", "containerID": "containerd://w"},
        ]
    }
    meta = {"name": "web-1", "namespace": "web", "uid": "u1"}
    result = read({"metadata": meta, "spec": {"containers": [{"name": "web"}, {"name": "agent"}]}, "status": status})
    assert result.container == "containerd://w"
