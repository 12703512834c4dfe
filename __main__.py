"""The program: settings -> cluster -> backend -> outputs. `pulumi up` runs it; `make render` evaluates it without an engine."""

from pathlib import Path

import pulumi

from availability import promise
from components import Cluster, HighlyAvailableBackend
from program import configuration, folders


def main() -> None:
    """Registers everything that this stack consists of."""
    settings = configuration.settings()
    folder = folders.cluster(Path(__file__).parent, pulumi.get_stack())
    access = configuration.surroundings(settings.cluster, folder)

    protected = pulumi.ResourceOptions(protect=settings.protect)
    cluster = Cluster("cluster", settings.cluster, access=access, folder=str(folder),
                      adopt=configuration.resuming(), opts=protected)
    backend = HighlyAvailableBackend(
        settings.backend.name, settings.backend,
        pulumi.ResourceOptions.merge(protected, pulumi.ResourceOptions(providers=[cluster.provider])))

    pulumi.export("endpoint", backend.endpoint)
    pulumi.export("namespace", backend.namespace_name)
    pulumi.export("deployment", backend.deployment_name)
    pulumi.export("service", backend.service_name)
    pulumi.export("selector", backend.selector)
    pulumi.export("kubeconfig", cluster.kubeconfig)
    pulumi.export("promise", promise(settings.backend, len(cluster.zones), cluster.nodes).as_output())


configuration.reporting(main)
