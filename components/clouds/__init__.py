"""What a cluster consists of in the words of Cluster API and of each cloud's provider. Pure: no Pulumi, no API server."""

from .blueprint import Blueprint, blueprint
from .parts import Template

__all__ = ["Blueprint", "Template", "blueprint"]
