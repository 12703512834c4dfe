"""What a stack may say of the cluster it runs on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from settings.base import Group, Name, Zone


def distinct(zones: list[str]) -> list[str]:
    """The zones, each named once. Raises ValueError otherwise."""
    if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
        raise ValueError(f"names {', '.join(twice)} more than once; each zone is named once")
    return zones


class LocalCluster(Group):
    """An embedded cluster on this machine, made by `pulumi up` and removed by `pulumi destroy`."""

    kind: Literal["local"]
    kubernetes: Literal["1.35", "1.36", "1.37"] = Field(
        "1.36", description="Version of Kubernetes, in quotes: without them, YAML reads a number.")
    zones: list[Name] = Field(
        ["zone-a", "zone-b", "zone-c"], min_length=1, max_length=10,
        description="Names of the failure domains that the simulated nodes are put in.")
    nodes_per_zone: int = Field(
        1, ge=1, le=50, description="Simulated nodes in each zone, each with 4 CPUs and 8 GiB.")
    api_port: int | None = Field(
        None, ge=1024, le=65535, description="Port of the API server on 127.0.0.1. Left out: any free port.")

    _distinct = field_validator("zones")(staticmethod(distinct))


class ExistingCluster(Group):
    """A cluster that somebody else runs, reached by an explicit kubeconfig and context, never by whatever is current."""

    kind: Literal["existing"]
    kubeconfig: str = Field(
        min_length=1, description="Path of the kubeconfig file; ~ and environment variables are filled in.")
    context: str = Field(min_length=1, description="The context to use in that kubeconfig.")
    identifier: str | None = Field(
        None, min_length=1,
        description="A name that stays the same for as long as it is the same cluster; all resources are replaced when it "
                    "changes, and only then. Left out: the context's name.")
    zones: list[Zone] = Field(
        default_factory=list, max_length=10,
        description="The zones its nodes are in, as their label topology.kubernetes.io/zone says. Left out: what the nodes "
                    "say when they are asked. Named, one that has lost its nodes is warned of, not refused.")

    _distinct = field_validator("zones")(staticmethod(distinct))


ClusterSettings = Annotated[LocalCluster | ExistingCluster, Field(discriminator="kind")]
