"""The same backend on several clusters at once, each of which takes requests: what DNS or a load balancer over them needs."""

import pulumi

from components import Cluster, HighlyAvailableBackend, across

config = pulumi.Config()
given = config.require_object("clusters")
together = across(list(given), config.require_object("backend"), config.require_object("balancer"))
clusters = {name: Cluster(name, cluster) for name, cluster in given.items()}
backends = {
    name: HighlyAvailableBackend(
        f"{name}-backend",
        together.backend,
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
            "healthPath": together.health_path,
            "zones": list(clusters[name].facts.zones),
            "weight": together.weights[name],
            "promise": backends[name].promise,
        }
        for name in clusters
    },
)
pulumi.export("promise", together.promise)
