"""The settings of a pool of machines."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from ..errors import clusters as errors
from ..settings.base import InvalidValueError, LabelKey, LabelValue, SettingsModel, form

MachineType = Annotated[
    str,
    form(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "a machine type: letters, digits and any of ._-, starting with a letter or a digit",
        max_length=63,
    ),
]


class Workers(SettingsModel):
    """A pool of machines, with the same number in each zone."""

    name: Annotated[
        str, form(r"^[a-z][a-z0-9]*$", "lowercase letters and digits, starting with a letter", max_length=12)
    ] = Field("general", description="Name of the pool, unique among the pools. Azure allows 12 characters.")
    machines_per_zone: int = Field(1, ge=1, le=300, description="Machines in each zone, at least.")
    max_machines_per_zone: int | None = Field(
        None,
        ge=1,
        le=300,
        description="Machines in each zone up to which an autoscaler may scale the pool. Omitted: the pool has a fixed "
        "size.",
    )
    machine_type: MachineType | None = Field(
        None, description="Machine type of this pool. Omitted: the cloud's `machineType`."
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=20,
        description="Labels of the pool's nodes. Where Cluster API manages the machines itself, only labels below "
        "node.cluster.x-k8s.io and node-role.kubernetes.io reach the nodes.",
    )

    @field_validator("max_machines_per_zone")
    @classmethod
    def _not_below_minimum(cls, maximum: int | None, info: ValidationInfo) -> int | None:
        minimum = info.data.get("machines_per_zone")
        if maximum is not None and minimum is not None and maximum < minimum:
            raise InvalidValueError(
                f"is below machinesPerZone ({minimum}): raise it, or omit it", errors.MACHINE_BOUNDS_REVERSED
            )
        return maximum

    @property
    def autoscaled(self) -> bool:
        """Whether an autoscaler sets the number of machines, within the bounds of the settings."""
        return self.max_machines_per_zone is not None and self.max_machines_per_zone > self.machines_per_zone

    @property
    def upper_bound_per_zone(self) -> int:
        """The highest number of machines in one zone."""
        return max(self.machines_per_zone, self.max_machines_per_zone or 0)
