"""The drills: one experiment a file, in the order of a run. To add one, write its file and add it to both lists."""

from __future__ import annotations

from lab.drills.drill import Drill
from lab.drills.experiments import (
    attempts,
    bad_image,
    cluster_loss,
    config,
    control_plane,
    drain,
    edge_link,
    handover,
    hang,
    kill,
    killed_up,
    metrics,
    node_cut,
    node_loss,
    rollout,
    rotation,
    scale_in,
    slow_start,
    spike,
    zone_drain,
    zone_loss,
)

DRILLS: dict[str, Drill] = {
    module.DRILL.name: module.DRILL
    for module in (
        rollout,
        config,
        rotation,
        slow_start,
        bad_image,
        killed_up,
        handover,
        scale_in,
        spike,
        drain,
        zone_drain,
        kill,
        attempts,
        hang,
        metrics,
        control_plane,
        node_loss,
        node_cut,
        zone_loss,
        edge_link,
        cluster_loss,
    )
}
