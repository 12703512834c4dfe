"""Several backends in one namespace, with one policy for all of them."""

import pulumi

from components import Cluster, HighlyAvailableBackend, SharedNamespace

config = pulumi.Config()
cluster = Cluster("cluster", config.require_object("cluster"))
opts = pulumi.ResourceOptions(providers=[cluster.provider])
shared = SharedNamespace("shop", config.require_object("namespace"), cluster=cluster.facts, opts=opts)
backends = {
    settings.name: HighlyAvailableBackend(
        settings.name, settings, namespace=shared, cluster=cluster.facts, connection=cluster.connection, opts=opts
    )
    for settings in shared.backends
}

pulumi.export("namespace", shared.namespace_name)
pulumi.export("endpoints", {name: backend.endpoint for name, backend in backends.items()})
