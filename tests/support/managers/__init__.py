"""Cluster API next to an embedded cluster: its four managers as local processes on loopback."""

from tests.support.managers.management import ManagementCluster

__all__ = ["ManagementCluster"]
