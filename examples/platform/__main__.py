"""The platform's stack. It owns a cluster and exports how to reach it, which is all that other stacks need."""

import pulumi

from components import Cluster

cluster = Cluster("cluster", pulumi.Config().require_object("cluster"))

pulumi.export("kubeconfig", cluster.kubeconfig)  # a secret, here and in every stack that reads it
pulumi.export("identifier", cluster.identifier)
pulumi.export("zones", list(cluster.facts.zones))
