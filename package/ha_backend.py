"""Pulumi components: a cluster, and a highly available backend that runs on one.

Everything is in this one package; in its repository, ``settings`` and the other rooms are at the top.
"""

from availability import ClusterFacts
from components import Cluster, Connection, HighlyAvailableBackend, SharedNamespace, across
from preflight import PreflightError, access
from settings import (
    BackendSettings,
    ClusterSettings,
    ExistingCluster,
    LocalCluster,
    SettingsError,
    StackReferenceCluster,
)

__all__ = ["BackendSettings", "Cluster", "ClusterFacts", "ClusterSettings", "Connection", "ExistingCluster",
           "HighlyAvailableBackend", "LocalCluster", "PreflightError", "SettingsError", "SharedNamespace",
           "StackReferenceCluster", "access", "across"]
