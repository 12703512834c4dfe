"""EKS: a control plane that AWS runs, and machines of our own that join it, in every zone its own.

Of CAPA's managed pools there is no template, so that no class can hold them: its own class for EKS takes machines as well.
"""

from __future__ import annotations

from typing import Any

from ...settings.cluster_api import Aws, ClusterApiCluster
from .parts import BOOTSTRAP, CONTROL_PLANE, INFRASTRUCTURE, Parts, Pool, Template

VERSION = "v1beta2"
_USUAL_ZONES = 3  # so many, in the order of the alphabet, get a network unless more are asked for


def parts(cluster: ClusterApiCluster, aws: Aws) -> Parts:
    """What AWS' provider needs."""
    control_plane = Template(
        f"{CONTROL_PLANE}/{VERSION}",
        "AWSManagedControlPlaneTemplate",
        {
            "region": aws.region,
            "eksClusterName": cluster.name,
            **_network(cluster),
            "identityRef": {"kind": aws.identity_kind, "name": aws.identity_name},
            # Who makes the cluster must be able to look at it, whatever identity that is.
            "accessConfig": {
                "authenticationMode": "api_and_config_map",
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            # Who did what, and as whom; the rest only costs.
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
                    "instanceType": pool.machine_type or aws.machine_type,
                    "iamInstanceProfile": aws.instance_profile,
                    "instanceMetadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2},  # IMDSv2 alone
                    "cloudInit": {"insecureSkipSecretsManager": True},  # nodeadm's user data holds no secret
                },
            ),
        )
        for pool in cluster.workers
    )
    return Parts(Template(f"{INFRASTRUCTURE}/{VERSION}", "AWSManagedClusterTemplate", {}), control_plane, pools)


def _network(cluster: ClusterApiCluster) -> dict[str, Any]:
    """As many zones as it takes to have the last one that is named: a machine finds no network in any other."""
    needed = max(ord(zone[-1]) - ord("a") + 1 for zone in cluster.zones)
    return {"network": {"vpc": {"availabilityZoneUsageLimit": needed}}} if needed > _USUAL_ZONES else {}
