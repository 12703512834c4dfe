"""Our backend, BENCH_COUNT times in one stack: it takes the place of the program in a copy, and is otherwise like it."""

import os
from pathlib import Path

import pulumi

from components.runtime.loading import lean, meanwhile

with lean():
    from components import Cluster
    from components.runtime import configuration, folders


async def main() -> None:
    """Registers the cluster, and every backend in a namespace of its own."""
    settings = configuration.settings()
    folder = folders.cluster(Path(__file__).parent, pulumi.get_stack())
    around = configuration.surroundings(settings.sites[0], folder)
    cluster = Cluster(
        "cluster", settings.sites[0].cluster, access=around.access, facts=around.facts, folder=str(folder)
    )

    await meanwhile("components.backend")
    from components import HighlyAvailableBackend

    for number in range(int(os.environ["BENCH_COUNT"])):
        name = settings.backend.name if number == 0 else f"{settings.backend.name}-{number}"
        HighlyAvailableBackend(
            name,
            settings.backend.model_copy(update={"name": name}),
            cluster=cluster.facts,
            connection=configuration.inspecting(cluster.connection),
            opts=pulumi.ResourceOptions(providers=[cluster.provider]),
        )


configuration.reporting(main)
