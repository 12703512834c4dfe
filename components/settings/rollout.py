"""The settings of a rollout, of the disruption budget, and of generated secrets, which roll the pods."""

from pydantic import Field

from .base import EnvironmentVariable, SettingsModel
from .share import Share


class Rollout(SettingsModel):
    """The pace of a rollout."""

    min_ready_seconds: int = Field(
        5, ge=1, le=3600, description="Seconds that a new pod must stay ready before it counts as available."
    )
    progress_deadline_seconds: int = Field(
        300,
        ge=30,
        le=172800,
        description="Seconds without progress after which a rollout fails, and `pulumi up` with it.",
    )


class DisruptionBudget(SettingsModel):
    """The PodDisruptionBudget, which limits drains, node upgrades and cluster autoscalers."""

    max_unavailable: Share = Field(
        1,
        description="Number of pods that voluntary disruptions may make unavailable at the same time, or a percentage "
        'of the replicas, rounded up, such as "25%". `minAvailable` takes its place.',
    )
    min_available: Share | None = Field(
        None,
        description="Number of pods that must stay available, or a percentage of the replicas, rounded up. Set either "
        "this or `maxUnavailable`, which follows the replica count.",
    )


class GeneratedSecrets(SettingsModel):
    """Random secret values, encrypted in the stack's state, which the container receives as environment variables."""

    names: list[EnvironmentVariable] = Field(
        default_factory=list, max_length=50, description="Names of the environment variables, one for each value."
    )
    length: int = Field(32, ge=16, le=256, description="Length of each value, in characters.")
    rotation: int = Field(
        1, ge=1, description="Number of the rotation. Raise it to generate new values; the pods roll over to them."
    )
