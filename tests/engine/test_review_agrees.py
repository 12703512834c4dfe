"""The most telling of the changes in lab/changes, on the real engine: the review says beforehand what the cluster then does.

All of them: `make changes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.devcluster.cluster import EmbeddedCluster
from lab.changes import run
from lab.changes.attempt import attempt
from lab.changes.catalog import ALL, PLAIN
from lab.changes.change import edited
from lab.changes.plain import QUICK, SCALER
from lab.changes.subject import PROJECT, Subject
from ops.cli.pulumi_binary import Engine, find

TOLD = {
    "plain: image": ["restart"],
    "plain: quota": ["lower"],
    "plain: ServiceAccount that pods refer to": ["weaker"],
    "plain: targetPort without a listener": ["outage"],
}
CHANGES = [change for change in ALL[PLAIN] if change.name in TOLD]
# Without an autoscaler, for whose metrics the first deployment would wait.
BEGIN = edited(SCALER)(QUICK)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """The program written by hand, deployed on a cluster of its own."""
    folder = tmp_path_factory.mktemp("changes")
    cluster, engine = EmbeddedCluster(folder / "cluster", run.ZONES), find(PROJECT, print, install=False)
    assert isinstance(engine, Engine)
    try:
        cluster.start()
        made = Subject(folder / PLAIN, engine, BEGIN, plain=cluster.kubeconfig)
        assert made.create() == ""
        yield made
    finally:
        cluster.delete()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_cluster_does_what_the_review_said(subject, change, tmp_path: Path) -> None:
    result = attempt(subject, change, tmp_path)
    assert result.agrees, result
    assert result.predicted == TOLD[change.name]
