"""The kinds of cluster that a stack can choose from, in the order in which messages and the reference list them."""

from .cluster_api import ClusterApiCluster
from .existing import ExistingCluster
from .local import LocalCluster
from .stack_reference import StackReferenceCluster

KINDS = (
    LocalCluster,
    ExistingCluster,
    StackReferenceCluster,
    ClusterApiCluster,
)
