"""The component resources: a cluster, a highly available backend that runs on one, and a namespace that several share."""

from components.across import Across, across
from components.backend import HighlyAvailableBackend
from components.cluster import Cluster
from components.connection import Connection
from components.shared_namespace import SharedNamespace

__all__ = ["Across", "Cluster", "Connection", "HighlyAvailableBackend", "SharedNamespace", "across"]
