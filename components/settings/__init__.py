"""What a stack may say. Every setting is defined once, here, with its description, unit, default and bounds."""

from .backend import BackendSettings
from .cluster import ClusterSettings, ExistingCluster, LocalCluster, StackReferenceCluster
from .cluster_api import ClusterApiCluster
from .load import load
from .placements import Site
from .problems import SettingsError
from .stack import Settings

__all__ = [
    "BackendSettings",
    "ClusterApiCluster",
    "ClusterSettings",
    "ExistingCluster",
    "LocalCluster",
    "Settings",
    "SettingsError",
    "Site",
    "StackReferenceCluster",
    "load",
]
