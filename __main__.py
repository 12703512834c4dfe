"""The program: settings -> cluster -> backend -> outputs.

`pulumi up` runs it. `make render` runs it without an engine.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

import components
from components.runtime import configuration, entrypoint, outputs, placements


async def main() -> Mapping[str, Any]:
    """Register everything that the stack consists of, on one cluster or on several, and return its outputs."""
    settings = configuration.settings()
    places = placements.places(settings, Path(__file__).parent)

    protected = pulumi.ResourceOptions(protect=settings.protect)
    clusters = [
        components.Cluster(
            place.cluster_name,
            place.site.cluster,
            found=place.found,
            opts=placements.merged(protected, place.renamed("cluster")),
        )
        for place in places
    ]

    await entrypoint.load(components, "HighlyAvailableBackend")  # while the engine starts the clusters' providers

    backends: list[components.HighlyAvailableBackend] = []
    for place, cluster in zip(places, clusters, strict=True):
        options = placements.merged(
            protected,
            place.renamed(place.site.backend.name),
            placements.after(backends),  # a release reaches a cluster once it is verified on the one before
            pulumi.ResourceOptions(providers=[cluster.provider]),
        )
        backend = components.HighlyAvailableBackend(
            place.backend_name,
            place.site.backend,
            cluster=cluster.facts,
            connection=configuration.for_verification(cluster.connection),
            opts=options,
        )
        backends.append(backend)

    return outputs.collect(settings, places, clusters, backends, protected)


entrypoint.run(main)
