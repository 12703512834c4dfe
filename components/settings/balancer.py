"""What may be said of the load balancer, or the DNS, that spreads requests over several clusters."""

from pydantic import Field

from .base import SettingsModel


class BalancerSettings(SettingsModel):
    """A load balancer over clusters, or DNS with health checks. It is not made here; said is how long it takes to notice."""

    health_check_seconds: int = Field(
        ge=1,
        le=3600,
        description="Seconds in which its health check finds a cluster lost: its interval times its number of "
        "failures, and its wait for the last answer.",
    )
    ttl_seconds: int = Field(
        60,
        ge=0,
        le=86400,
        description="Seconds for which clients keep the address that they were told, such as the TTL of a "
        "DNS record; 0 where there is one address for all clusters.",
    )
