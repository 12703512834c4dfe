"""Whether a cluster of Cluster API is ready, and which conditions say that it is not."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import cluster_api_status
from tests.support.cluster_api import cluster_object, condition


def test_a_ready_cluster_has_no_reasons() -> None:
    assert cluster_api_status.unready_reasons(cluster_object()) == []
    assert (
        cluster_api_status.unready_reasons(cluster_object(condition("ControlPlaneInitialized", generation=1))) == []
    ), "it is reported once"


@pytest.mark.parametrize(
    ("different", "text"),
    [
        (
            condition("Available", "False", "NotAvailable", "* ControlPlaneAvailable: x\n* y"),
            "Cluster shop: Available is False (NotAvailable: * ControlPlaneAvailable: x * y)",
        ),
        (condition("WorkersAvailable", "Unknown", ""), "Cluster shop: WorkersAvailable is Unknown (no reason)"),
        (
            condition("TopologyReconciled", generation=1),
            "Cluster shop: TopologyReconciled is reported for an earlier generation",
        ),
        (condition("RollingOut", "True", "RollingOut"), "Cluster shop: RollingOut is True (RollingOut)"),
        (condition("Deleting", "True", "x"), "Cluster shop: Deleting is True (x)"),
    ],
)
def test_each_unmet_condition_is_a_reason(different: dict[str, Any], text: str) -> None:
    assert cluster_api_status.unready_reasons(cluster_object(different)) == [text]


def test_missing_and_outdated_machines_are_counted() -> None:
    cluster = cluster_object()
    cluster["status"] |= {
        "controlPlane": {"desiredReplicas": 3, "availableReplicas": 2, "upToDateReplicas": 3},
        "workers": {"desiredReplicas": 3, "availableReplicas": 3, "upToDateReplicas": 1},
    }
    assert cluster_api_status.unready_reasons(cluster) == [
        "Cluster shop: 2 of 3 control plane machines are available and up to date",
        "Cluster shop: 1 of 3 workers are available and up to date",
    ]


def test_a_cluster_without_status_is_not_ready() -> None:
    cluster = cluster_object()
    cluster["status"] = {}
    assert cluster_api_status.unready_reasons(cluster)[0] == "Cluster shop: TopologyReconciled is not reported yet"
