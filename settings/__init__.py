"""What a stack may say. Every setting is defined once, here, with its description, unit, default and bounds."""

from settings.backend import BackendSettings
from settings.cluster import ClusterSettings, ExistingCluster, LocalCluster, StackReferenceCluster
from settings.cluster_api import ClusterApiCluster
from settings.load import load
from settings.placements import Site
from settings.problems import SettingsError
from settings.stack import Settings

__all__ = ["BackendSettings", "ClusterApiCluster", "ClusterSettings", "ExistingCluster", "LocalCluster", "Settings",
           "SettingsError", "Site", "StackReferenceCluster", "load"]
