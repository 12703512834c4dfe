"""Google GKE: Google runs the control plane and the pools, each pool over all its zones."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from ...settings.base import ObjectName, form
from ..machines import MachineType, Workers
from .cloud import Cloud, Region, Required
from .parts import BOOTSTRAP, INFRASTRUCTURE, Parts, Pool, Template

if TYPE_CHECKING:
    from ..cluster_api import ClusterApiCluster

VERSION = "v1beta1"


class Google(Cloud):
    """Google Kubernetes Engine (GKE), by the provider for Google Cloud (CAPG)."""

    provider: ClassVar[str] = "gcp"
    definitions: ClassVar[str] = "sigs.k8s.io/cluster-api-provider-gcp@v1.12.0/config/crd/bases"
    max_name_length: ClassVar[int] = 40  # GKE's own limit
    version_suffix: ClassVar[bool] = True

    project: Annotated[
        str,
        form(
            r"^[a-z][-a-z0-9:.]{4,61}[a-z0-9]$",
            "a project ID: 6 to 63 lowercase letters, digits, '-', '.' and ':'",
            max_length=63,
        ),
    ] = Field(description="The project ID.")
    region: Region = Field(description="The region, such as europe-west3. The control plane is in three of its zones.")
    network: ObjectName = Field("default", description="An existing VPC network.")
    machine_type: MachineType = Field("e2-standard-4", description="Machine type of a worker.")
    credentials: ObjectName | None = Field(
        None,
        description="A Secret in the namespace with the key of a service account. Omitted: the provider's own "
        "credentials.",
    )

    def zone_problem(self, zone: str) -> tuple[str, tuple[str, ...]] | None:
        """Reject zones outside the region."""
        if re.fullmatch(rf"{re.escape(self.region)}-[a-z]", zone):
            return None
        return f"is not in google.region ({self.region}): use, for example, {self.region}-a", ("google.region",)

    def required(self, namespace: str) -> Iterator[Required]:
        """Yield the Secret, if the settings name one."""
        if self.credentials:
            path = f"/api/v1/namespaces/{namespace}/secrets/{self.credentials}"
            yield Required("credentials", path, f"Secret {self.credentials!r} in namespace {namespace!r}")

    def parts(self, cluster: "ClusterApiCluster") -> Parts:
        """Return the templates of CAPG."""
        infrastructure: dict[str, Any] = {
            "project": self.project,
            "region": self.region,
            "network": {"name": self.network},
        }
        if self.credentials:
            infrastructure["credentialsRef"] = {"name": self.credentials, "namespace": cluster.namespace}
        return Parts(
            _template("GCPManagedClusterTemplate", infrastructure),
            # A regional cluster: its control plane is in three zones.
            _template("GCPManagedControlPlaneTemplate", {"project": self.project, "location": self.region}),
            tuple(
                Pool(
                    pool,
                    Template(f"{BOOTSTRAP}/{VERSION}", "GKEConfigTemplate", {}),
                    _template("GCPManagedMachinePoolTemplate", self._pool(cluster, pool)),
                )
                for pool in cluster.workers
            ),
            autoscaler="external-autoscaler",
        )

    def _pool(self, cluster: "ClusterApiCluster", pool: Workers) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "nodePoolName": pool.name,
            "nodeLocations": sorted(cluster.zones),
            "machineType": pool.machine_type or self.machine_type,
            "management": {"autoRepair": True, "autoUpgrade": False},  # the settings own the version
        }
        if pool.labels:
            spec["kubernetesLabels"] = dict(pool.labels)
        zones = len(cluster.zones)
        # GKE counts over all zones. If scaling is unset, GKE autoscales the pool between zero and one machine.
        spec["scaling"] = (
            {
                "enableAutoscaling": True,
                "minCount": pool.machines_per_zone * zones,
                "maxCount": (pool.max_machines_per_zone or 0) * zones,
                "locationPolicy": "balanced",
            }
            if pool.autoscaled
            else {"enableAutoscaling": False}
        )
        return spec


def _template(kind: str, spec: dict[str, Any]) -> Template:
    return Template(f"{INFRASTRUCTURE}/{VERSION}", kind, spec)
