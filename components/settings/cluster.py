"""The setting that chooses a cluster: a kind from the registry, with that kind's settings."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, get_args

from pydantic import Field

from ..clusters.registry import KINDS as _KINDS
from ..clusters.registry import ClusterApiCluster, ExistingCluster, LocalCluster, StackReferenceCluster

__all__ = [
    "KINDS",
    "ClusterApiCluster",
    "ClusterSettings",
    "ExistingCluster",
    "LocalCluster",
    "StackReferenceCluster",
]

if TYPE_CHECKING:
    from ..clusters.registry import ClusterKind as ClusterSettings
else:
    ClusterSettings = Annotated[reduce(or_, _KINDS), Field(discriminator="kind")]

KINDS: tuple[str, ...] = tuple(get_args(kind.model_fields["kind"].annotation)[0] for kind in _KINDS)
"""The names of the kinds, as in the setting ``kind``."""
