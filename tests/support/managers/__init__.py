"""Cluster API itself, beside an embedded cluster: its four managers as processes of this machine, on loopback."""

from tests.support.managers.management import ManagementCluster

__all__ = ["ManagementCluster"]
