"""The same backend on several clusters at once, and what a load balancer over them needs to know."""

import pulumi

from components import Cluster, HighlyAvailableBackend, across

config = pulumi.Config()
settings = config.require_object("clusters")
everywhere = across(list(settings), config.require_object("backend"), config.require_object("balancer"))
clusters = {name: Cluster(name, cluster) for name, cluster in settings.items()}
backends = {
    name: HighlyAvailableBackend(
        f"{name}-backend",
        everywhere.backend,
        cluster=cluster.facts,
        connection=cluster.connection,
        opts=pulumi.ResourceOptions(providers=[cluster.provider]),
    )
    for name, cluster in clusters.items()
}

pulumi.export(
    "clusters",
    {
        name: {
            "endpoint": backends[name].endpoint,
            "healthPath": everywhere.health_path,
            "zones": list(clusters[name].facts.zones),
            "weight": everywhere.weights[name],
            "promise": backends[name].promise,
        }
        for name in clusters
    },
)
pulumi.export("promise", everywhere.promise)
