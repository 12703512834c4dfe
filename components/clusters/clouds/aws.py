"""Amazon EKS: AWS runs the control plane, and self-managed machines join it, separate ones in each zone.

CAPA has no template for its managed pools, so a ClusterClass cannot contain them. CAPA's own ClusterClass for EKS uses
machines, too.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from ...settings.base import ObjectName, form
from ..machines import MachineType
from .cloud import Cloud, Region, Required
from .parts import BOOTSTRAP, CONTROL_PLANE, INFRASTRUCTURE, Parts, Pool, Template

if TYPE_CHECKING:
    from ..cluster_api import ClusterApiCluster

VERSION = "v1beta2"
_DEFAULT_ZONES = 3  # CAPA creates a network in so many zones, in alphabetical order, unless it is asked for more


class Aws(Cloud):
    """Elastic Kubernetes Service (EKS), by the provider for AWS (CAPA)."""

    provider: ClassVar[str] = "aws"
    definitions: ClassVar[str] = "sigs.k8s.io/cluster-api-provider-aws/v2@v2.11.1/config/crd/bases"

    region: Region = Field(description="The region, such as eu-central-1.")
    machine_type: MachineType = Field("m6i.large", description="Instance type of a worker.")
    identity_kind: Literal["AWSClusterControllerIdentity", "AWSClusterRoleIdentity", "AWSClusterStaticIdentity"] = (
        Field("AWSClusterControllerIdentity", description="Kind of the identity by which CAPA acts. Default: its own.")
    )
    identity_name: ObjectName = Field(
        "default", description="Name of that identity, which exists on the management cluster."
    )
    instance_profile: Annotated[
        str, form(r"^[A-Za-z0-9+=,.@_-]+$", "letters, digits and any of +=,.@_-", max_length=128)
    ] = Field(
        "nodes.cluster-api-provider-aws.sigs.k8s.io",
        description="IAM instance profile of workers. Default: the one that clusterawsadm creates.",
    )

    def zone_problem(self, zone: str) -> tuple[str, tuple[str, ...]] | None:
        """Reject zones outside the region."""
        if re.fullmatch(rf"{re.escape(self.region)}[a-z]", zone):
            return None
        return f"is not in aws.region ({self.region}): use, for example, {self.region}a", ("aws.region",)

    def required(self, namespace: str) -> Iterator[Required]:
        """Yield the identity."""
        plural = f"{self.identity_kind.lower().removesuffix('y')}ies"
        path = f"/apis/{INFRASTRUCTURE}/{VERSION}/{plural}/{self.identity_name}"
        yield Required("identityName", path, f"{self.identity_kind} {self.identity_name!r}")

    def parts(self, cluster: "ClusterApiCluster") -> Parts:
        """Return the templates of CAPA."""
        control_plane = Template(
            f"{CONTROL_PLANE}/{VERSION}",
            "AWSManagedControlPlaneTemplate",
            {
                "region": self.region,
                "eksClusterName": cluster.name,
                **_network(cluster.zones),
                "identityRef": {"kind": self.identity_kind, "name": self.identity_name},
                # The identity that creates the cluster must be able to inspect it, whichever identity that is.
                "accessConfig": {
                    "authenticationMode": "api_and_config_map",
                    "bootstrapClusterCreatorAdminPermissions": True,
                },
                # Who did what, and as whom. The other logs only cost money.
                "logging": {
                    key: key in ("audit", "authenticator")
                    for key in ("apiServer", "audit", "authenticator", "controllerManager", "scheduler")
                },
            },
        )
        pools = tuple(
            Pool(
                pool,
                Template(f"{BOOTSTRAP}/{VERSION}", "NodeadmConfigTemplate", {}),
                Template(
                    f"{INFRASTRUCTURE}/{VERSION}",
                    "AWSMachineTemplate",
                    {
                        "ami": {"eksLookupType": "AmazonLinux2023"},
                        "instanceType": pool.machine_type or self.machine_type,
                        "iamInstanceProfile": self.instance_profile,
                        "instanceMetadataOptions": {
                            "httpTokens": "required",
                            "httpPutResponseHopLimit": 2,
                        },  # IMDSv2 only
                        "cloudInit": {"insecureSkipSecretsManager": True},  # nodeadm's user data contains no secret
                    },
                ),
            )
            for pool in cluster.workers
        )
        return Parts(Template(f"{INFRASTRUCTURE}/{VERSION}", "AWSManagedClusterTemplate", {}), control_plane, pools)


def _network(zones: list[str]) -> dict[str, Any]:
    """Return the number of zones that includes the last one of the settings: in any other, a machine has no network."""
    needed = max(ord(zone[-1]) - ord("a") + 1 for zone in zones)
    return {"network": {"vpc": {"availabilityZoneUsageLimit": needed}}} if needed > _DEFAULT_ZONES else {}
