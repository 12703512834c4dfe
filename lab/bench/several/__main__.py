"""The backend, BENCH_COUNT times in one stack. It replaces the program in a copy of the checkout."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components import Cluster, HighlyAvailableBackend
from components.runtime import configuration, entrypoint, placements


def main() -> Mapping[str, Any]:
    """Register the cluster, and each backend in a namespace of its own."""
    settings = configuration.settings()
    (place,) = placements.places(settings, Path(__file__).parent)
    cluster = Cluster("cluster", place.site.cluster, found=place.found)
    for number in range(int(os.environ["BENCH_COUNT"])):
        name = settings.backend.name if number == 0 else f"{settings.backend.name}-{number}"
        HighlyAvailableBackend(
            name,
            settings.backend.model_copy(update={"name": name}),
            cluster=cluster.facts,
            connection=configuration.for_verification(cluster.connection),
            opts=pulumi.ResourceOptions(providers=[cluster.provider]),
        )
    return {}


entrypoint.run(main)
