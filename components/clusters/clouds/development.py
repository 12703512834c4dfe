"""Clusters in memory: Cluster API's development provider simulates API servers and machines. No pod runs there."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from ...errors import clusters as errors
from ...settings.base import InvalidValueError
from .cloud import Cloud
from .parts import BOOTSTRAP, CONTROL_PLANE, INFRASTRUCTURE, Parts, Pool, Template

if TYPE_CHECKING:
    from ..cluster_api import ClusterApiCluster

VERSION = "v1beta2"


class Development(Cloud):
    """Clusters in memory, by the development provider of Cluster API (CAPD), for trials: no machines, pods or costs."""

    provider: ClassVar[str] = "docker"
    definitions: ClassVar[str] = "sigs.k8s.io/cluster-api/test@v1.14.2/infrastructure/docker/config/crd/bases"
    has_nodes: ClassVar[bool] = False

    control_plane_machines: int = Field(3, ge=1, le=5, description="Machines of the control plane: 1, 3 or 5.")
    machine_seconds: int = Field(2, ge=0, le=3600, description="Seconds that a machine takes to start.")

    @field_validator("control_plane_machines")
    @classmethod
    def _odd(cls, machines: int) -> int:
        if machines % 2 == 0:
            raise InvalidValueError(
                "is even, and as many members of etcd survive no more failures than one fewer: set it to 1, 3 or 5",
                errors.EVEN_CONTROL_PLANE,
            )
        return machines

    def parts(self, cluster: "ClusterApiCluster") -> Parts:
        """Return the templates of CAPD: kubeadm's control plane, on machines of its own."""
        machine = Template(
            f"{INFRASTRUCTURE}/{VERSION}",
            "DevMachineTemplate",
            {
                "backend": {
                    "inMemory": {
                        part: {"provisioning": {"startupDuration": f"{seconds}s"}}
                        for part, seconds in (("vm", self.machine_seconds), ("node", 1), ("apiServer", 1), ("etcd", 1))
                    }
                }
            },
        )
        joining: dict[str, Any] = {"nodeRegistration": {"criSocket": "unix:///var/run/containerd/containerd.sock"}}
        return Parts(
            Template(f"{INFRASTRUCTURE}/{VERSION}", "DevClusterTemplate", {"backend": {"inMemory": {}}}),
            Template(
                f"{CONTROL_PLANE}/{VERSION}",
                "KubeadmControlPlaneTemplate",
                {
                    "kubeadmConfigSpec": {
                        "clusterConfiguration": {"apiServer": {"certSANs": ["localhost", "127.0.0.1"]}},
                        "initConfiguration": joining,
                        "joinConfiguration": joining,
                    }
                },
            ),
            tuple(
                Pool(
                    pool,
                    Template(f"{BOOTSTRAP}/{VERSION}", "KubeadmConfigTemplate", {"joinConfiguration": joining}),
                    machine,
                )
                for pool in cluster.workers
            ),
            machines=machine,
            replicas=self.control_plane_machines,
        )
