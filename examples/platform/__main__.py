"""The platform's stack: it owns a cluster, and says how to use it. Other stacks name this one and need to know nothing else."""

import pulumi

from components import Cluster

cluster = Cluster("cluster", pulumi.Config().require_object("cluster"))

pulumi.export("kubeconfig", cluster.kubeconfig)  # a secret, here and in every stack that reads it
pulumi.export("identifier", cluster.identifier)
pulumi.export("zones", list(cluster.facts.zones))
