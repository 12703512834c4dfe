"""Taking the replica count back from an autoscaler."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from components.inspection import replica_handover
from components.inspection.client import InspectionError
from tests.support.fake_api_client import FORBIDDEN, FakeApiClient
from tests.support.observations import NAME

NAMESPACE = "team"


@pytest.mark.parametrize(
    ("labels", "deleted_one"),
    [
        ({"app.kubernetes.io/managed-by": "pulumi"}, True),
        ({"app.kubernetes.io/managed-by": "Helm"}, False),
        (None, False),
    ],
)
def test_only_our_own_autoscaler_is_deleted(monkeypatch: pytest.MonkeyPatch, labels: Any, deleted_one: bool) -> None:
    existing = SimpleNamespace(metadata=SimpleNamespace(labels=labels))
    client = FakeApiClient(read_namespaced_horizontal_pod_autoscaler=existing)
    monkeypatch.setattr(replica_handover, "shared_client", lambda *_: client)
    assert replica_handover.delete_own_autoscaler("kubeconfig", "prod", NAME, NAMESPACE) is deleted_one
    deleted = [rest for call, *rest in client.requests if call == "delete_namespaced_horizontal_pod_autoscaler"]
    assert deleted == ([[NAME, NAMESPACE]] if deleted_one else [])


@pytest.mark.parametrize(
    "call", ["read_namespaced_horizontal_pod_autoscaler", "delete_namespaced_horizontal_pod_autoscaler"]
)
def test_an_autoscaler_that_may_not_be_deleted_is_an_error(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    ours = SimpleNamespace(metadata=SimpleNamespace(labels={"app.kubernetes.io/managed-by": "pulumi"}))
    client = FakeApiClient(**{"read_namespaced_horizontal_pod_autoscaler": ours, call: FORBIDDEN})
    monkeypatch.setattr(replica_handover, "shared_client", lambda *_: client)
    with pytest.raises(InspectionError, match="403"):
        replica_handover.delete_own_autoscaler("kubeconfig", "prod", NAME, NAMESPACE)


def test_a_missing_autoscaler_needs_no_deletion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_handover, "shared_client", lambda *_: FakeApiClient())
    assert replica_handover.delete_own_autoscaler("kubeconfig", None, NAME, NAMESPACE) is False
