"""A service on the platform's cluster. Each stack of this program is one service."""

import pulumi

from components import Cluster, HighlyAvailableBackend

config = pulumi.Config()
settings = config.require_object("backend")
cluster = Cluster("cluster", config.require_object("cluster"))
backend = HighlyAvailableBackend(
    settings["name"],
    settings,
    cluster=cluster.facts,
    connection=cluster.connection,
    opts=pulumi.ResourceOptions(providers=[cluster.provider]),
)

pulumi.export("endpoint", backend.endpoint)
pulumi.export("promise", backend.promise)
