"""The component resources: a cluster, and a highly available backend that runs on one."""

from components.backend import HighlyAvailableBackend
from components.cluster import Cluster

__all__ = ["Cluster", "HighlyAvailableBackend"]
