"""What a cluster consists of in the words of Cluster API and of each cloud's provider. Pure: no Pulumi, no API server."""

from clouds.blueprint import Blueprint, Template, blueprint

__all__ = ["Blueprint", "Template", "blueprint"]
