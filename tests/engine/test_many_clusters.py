"""Tens of clusters in one run of the real engine, by Cluster API's real managers; their machines are in memory."""

from __future__ import annotations

import time

from tests.managers.platform import managed

MANY = 20
SEVERAL = f"""
import pulumi
from components import Cluster

given = pulumi.Config().require_object("cluster")
for number in range({MANY}):
    Cluster(f"cluster-{{number}}", {{**given, "name": f"many-{{number}}"}})
"""


def test_tens_of_clusters_are_made_and_removed_in_one_run(tmp_path_factory):
    with managed(tmp_path_factory) as platform:
        (platform.program / "__main__.py").write_text(SEVERAL)
        stack = platform.stack(workers=[{"name": "general"}], zones=["zone-a"],
                               development={"controlPlaneMachines": 1, "machineSeconds": 1})
        began = time.monotonic()
        stack.up(on_output=print)
        print(f"{MANY} clusters in {time.monotonic() - began:.0f} s")
        assert len(platform.named("clusters")) == MANY
        assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
        stack.destroy(on_output=print)
        for kind in ("clusters", "machines", "clusterclasses"):
            assert platform.named(kind) == [], kind
