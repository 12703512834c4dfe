"""What a cluster consists of in the words of Cluster API and of each cloud's provider. Pure: no Pulumi, no API server."""

from clouds.blueprint import Blueprint, blueprint
from clouds.parts import Template

__all__ = ["Blueprint", "Template", "blueprint"]
