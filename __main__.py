"""The program: settings -> cluster -> backend -> outputs. `pulumi up` runs it; `make render` evaluates it without an engine."""

from pathlib import Path

import pulumi

from components.runtime.loading import lean, meanwhile

with lean():
    from components import Cluster
    from components.runtime import configuration, placements


async def main() -> None:
    """Registers everything that this stack consists of: on one cluster, or on several, one after the other."""
    settings = configuration.settings()
    places = placements.places(settings, Path(__file__).parent, pulumi.get_stack())

    protected = pulumi.ResourceOptions(protect=settings.protect)
    clusters = [
        Cluster(
            place.cluster_name,
            place.site.cluster,
            access=place.around.access,
            identifier=place.around.identifier,
            facts=place.around.facts,
            managed=place.around.managed,
            folder=str(place.folder),
            adopt=configuration.resuming(),
            force=bool(settings.backend.selector),
            opts=pulumi.ResourceOptions.merge(protected, place.renamed("cluster")),
        )
        for place in places
    ]

    await meanwhile(
        "components.backend", "components.runtime.outputs"
    )  # while the engine starts the clusters' providers
    from components import HighlyAvailableBackend
    from components.runtime import outputs

    backends: list[HighlyAvailableBackend] = []
    for place, cluster in zip(places, clusters, strict=True):
        options = (
            protected,
            place.renamed(place.site.backend.name),
            placements.after(backends),
            pulumi.ResourceOptions(providers=[cluster.provider]),
        )
        backends.append(
            HighlyAvailableBackend(
                place.backend_name,
                place.site.backend,
                cluster=cluster.facts,
                connection=configuration.inspecting(cluster.connection),
                opts=placements.merged(*options),
            )
        )

    outputs.export(settings, places, clusters, backends, protected)


configuration.reporting(main)
