"""The kinds of cluster that a stack can choose from, in the order in which messages and the reference list them."""

from .cluster_api import ClusterApiCluster
from .existing import ExistingCluster
from .kind import ClusterKind
from .local import LocalCluster
from .stack_reference import StackReferenceCluster

__all__ = ["KINDS", "ClusterApiCluster", "ClusterKind", "ExistingCluster", "LocalCluster", "StackReferenceCluster"]

KINDS = (
    LocalCluster,
    ExistingCluster,
    StackReferenceCluster,
    ClusterApiCluster,
)
