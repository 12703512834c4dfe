"""The settings of what distributes requests over several clusters."""

from pydantic import Field

from .base import SettingsModel


class BalancerSettings(SettingsModel):
    """The DNS or load balancer over several clusters. It is not created: the settings state how fast it reacts."""

    health_check_seconds: int = Field(
        ge=1,
        le=3600,
        description="Seconds until its health check detects that a cluster is lost: interval times failure threshold, "
        "plus the timeout of the last check.",
    )
    ttl_seconds: int = Field(
        60,
        ge=0,
        le=86400,
        description="Seconds for which clients cache the address, such as the TTL of a DNS record. Set it to 0 if all "
        "clusters share one address.",
    )
