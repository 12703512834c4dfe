"""Everything that one stack file may say under the project's own name."""

from __future__ import annotations

from pydantic import Field

from settings.backend import BackendSettings
from settings.base import Group
from settings.cluster import ClusterSettings

PROJECT = "ha-backend"


class Settings(Group):
    """The settings of one stack."""

    cluster: ClusterSettings = Field(description="The cluster to run on, e.g. {kind: local}.")
    backend: BackendSettings = Field(description="The backend to run.")
    protect: bool = Field(
        False, description="Whether the engine refuses to delete anything of this stack, but for what other settings replace "
                           "or take away: autoscaler, configuration, generated secrets.")
