"""The component resources: a cluster, and a highly available backend that runs on one."""

from components.backend import HighlyAvailableBackend
from components.cluster import Cluster
from components.connection import Connection

__all__ = ["Cluster", "Connection", "HighlyAvailableBackend"]
