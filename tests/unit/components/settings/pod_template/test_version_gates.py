"""Fields that an older cluster drops are rejected there."""

from __future__ import annotations

import pytest

from components.availability import ClusterFacts, conflicts
from tests.support.fake_engine import backend
from tests.support.pod_templates import OWN, POD, own, spec
from tests.support.problems import Values


@pytest.mark.parametrize(
    ("given", "key", "since"),
    [
        (spec(hostUsers=False), f"{POD}.hostUsers", "1.33"),
        (spec(volumes=[{"name": "v", "image": {"reference": "a:1"}}]), f"{POD}.volumes[0].image", "1.35"),
        (own(resizePolicy=[{"resourceName": "cpu", "restartPolicy": "NotRequired"}]), f"{OWN}.resizePolicy", "1.33"),
    ],
)
def test_a_field_that_an_older_cluster_drops_is_rejected(given: Values, key: str, since: str) -> None:
    (conflict,) = conflicts(backend(**given), ClusterFacts(("a", "b", "c"), version=(1, 32)))
    assert conflict.key == key
    assert f"needs Kubernetes {since}, and the cluster runs 1.32" in conflict.text
    assert not conflicts(backend(**given), ClusterFacts(("a", "b", "c"), version=(1, 36)))
