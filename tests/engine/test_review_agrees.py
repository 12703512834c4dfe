"""A few changes of lab/changes on the real engine: the review predicts what the cluster then does.

`make changes` makes all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.devcluster.cluster import EmbeddedCluster
from lab.changes import run
from lab.changes.attempt import attempt
from lab.changes.catalog import ALL, PLAIN
from lab.changes.change import Change, edited
from lab.changes.plain import QUICK, SCALER
from lab.changes.subject import PROJECT, Subject
from ops.cli.pulumi_binary import Engine, find

PREDICTIONS = {
    "plain: image": ["restart"],
    "plain: quota": ["lower"],
    "plain: ServiceAccount that pods refer to": ["weaker"],
    "plain: targetPort without a listener": ["outage"],
}
CHANGES = [change for change in ALL[PLAIN] if change.name in PREDICTIONS]
# Without an autoscaler, because the first deployment would wait for its metrics.
BEGIN = edited(SCALER)(QUICK)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """The handwritten program, deployed on its own cluster."""
    folder = tmp_path_factory.mktemp("changes")
    cluster, engine = EmbeddedCluster(folder / "cluster", run.ZONES), find(PROJECT, print, install=False)
    assert isinstance(engine, Engine)
    try:
        cluster.start()
        handwritten = Subject(folder / PLAIN, engine, BEGIN, plain=cluster.kubeconfig)
        assert handwritten.create() == ""
        yield handwritten
    finally:
        cluster.delete()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_cluster_does_what_the_review_predicts(subject: Subject, change: Change, tmp_path: Path) -> None:
    result = attempt(subject, change, tmp_path)
    assert result.agrees, result
    assert result.predicted == PREDICTIONS[change.name]
