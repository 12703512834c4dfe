"""One service on the platform's cluster: all that a team writes. Each of its stacks is one service."""

import pulumi

from components import Cluster, HighlyAvailableBackend

config = pulumi.Config()
backend = config.require_object("backend")
cluster = Cluster("cluster", config.require_object("cluster"))
made = HighlyAvailableBackend(
    backend["name"],
    backend,
    cluster=cluster.facts,
    connection=cluster.connection,
    opts=pulumi.ResourceOptions(providers=[cluster.provider]),
)

pulumi.export("endpoint", made.endpoint)
pulumi.export("promise", made.promise)
