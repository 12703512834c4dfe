"""The most telling of the changes in tests/changes, on the real engine: the review says beforehand what the cluster then does.

All of them: `make changes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.find import Engine, find
from local.cluster import EmbeddedCluster
from tests.changes import run
from tests.changes.attempt import attempt
from tests.changes.catalog import PLAIN
from tests.changes.plain import QUICK
from tests.changes.subject import PROJECT, Subject

TOLD = {"plain: image": ["restart"], "plain: quota": ["lower"], "plain: network policy with one more port": [],
        "plain: readiness slower": ["restart", "weaker"], "plain: targetPort by its name": [],
        "plain: targetPort that nobody listens on: back": ["outage"]}
CHANGES = run.chosen(list(TOLD))[PLAIN]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """The program written by hand, deployed on a cluster of its own."""
    folder = tmp_path_factory.mktemp("changes")
    cluster, engine = EmbeddedCluster(folder / "cluster", run.ZONES), find(PROJECT, print, install=False)
    assert isinstance(engine, Engine)
    try:
        cluster.start()
        made = Subject(folder / PLAIN, engine, QUICK, plain=cluster.kubeconfig)
        assert made.create() == ""
        yield made
    finally:
        cluster.delete()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_cluster_does_what_the_review_said(subject, change, tmp_path: Path) -> None:
    result = attempt(subject, change, tmp_path)
    assert result.agrees, result
    assert result.said == TOLD.get(change.name, result.said)
