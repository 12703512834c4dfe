"""The program: settings -> cluster -> backend -> outputs. `pulumi up` runs it; `make render` evaluates it without an engine."""

from pathlib import Path

import pulumi

from program.loading import lean

with lean():
    from components import Cluster, HighlyAvailableBackend
    from program import configuration, folders


def main() -> None:
    """Registers everything that this stack consists of."""
    settings = configuration.settings()
    folder = folders.cluster(Path(__file__).parent, pulumi.get_stack())
    around = configuration.surroundings(settings, folder)

    protected = pulumi.ResourceOptions(protect=settings.protect)
    cluster = Cluster("cluster", settings.cluster, access=around.access, identifier=around.identifier, facts=around.facts,
                      managed=around.managed, folder=str(folder), adopt=configuration.resuming(),
                      force=bool(settings.backend.selector), opts=protected)
    backend = HighlyAvailableBackend(
        settings.backend.name, settings.backend, cluster=cluster.facts, connection=configuration.inspecting(cluster.connection),
        opts=pulumi.ResourceOptions.merge(protected, pulumi.ResourceOptions(providers=[cluster.provider])))

    pulumi.export("endpoint", backend.endpoint)
    pulumi.export("namespace", backend.namespace_name)
    pulumi.export("deployment", backend.deployment_name)
    pulumi.export("service", backend.service_name)
    pulumi.export("selector", backend.selector)
    pulumi.export("kubeconfig", cluster.kubeconfig)
    pulumi.export("identifier", cluster.identifier)
    pulumi.export("zones", list(cluster.facts.zones))
    pulumi.export("promise", backend.promise)


configuration.reporting(main)
