"""The objects of a cluster: templates, the ClusterClass that holds them together, and the Cluster that names the class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..settings.cluster_api import ClusterApiCluster, Workers
from .clouds import aws, azure, development, google
from .clouds.parts import Parts, Pool, Template, autoscaled

CORE = "cluster.x-k8s.io/v1beta2"
_AUTOSCALER = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-{}-size"
_REPLACED_AT_MOST = "40%"  # of a pool's machines at a time: where more are lost, it is not they that are broken
_STARTUP_SECONDS = 1200  # a machine that has no node by then never gets one


@dataclass(frozen=True)
class Blueprint:
    """``templates`` by the part that they are of. Empty, and without a class, where the platform keeps a class."""

    cluster: ClusterApiCluster
    parts: Parts

    @property
    def templates(self) -> dict[str, Template]:
        """What the class is made of; each is replaced by another one when it changes, for none can be changed itself."""
        return {} if self.cluster.cluster_class else dict(self._templates())

    def _templates(self) -> Iterator[tuple[str, Template]]:
        yield "infrastructure", self.parts.infrastructure
        yield "control-plane", self.parts.control_plane
        if self.parts.machines:
            yield "control-machines", self.parts.machines
        for pool in self.parts.pools:
            yield f"{pool.workers.name}-bootstrap", pool.bootstrap
            yield f"{pool.workers.name}-machines", pool.machines

    def class_spec(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The ClusterClass, given the names that the templates got."""

        def reference(part: str) -> dict[str, Any]:
            template = self.templates[part]
            return {"templateRef": {"apiVersion": template.api_version, "kind": template.kind, "name": names[part]}}

        def pool(of: Pool) -> dict[str, Any]:
            name = of.workers.name
            made = {
                "class": name,
                "bootstrap": reference(f"{name}-bootstrap"),
                "infrastructure": reference(f"{name}-machines"),
            }
            return made if self.parts.managed else {**made, "healthCheck": self._health_check()}

        control_plane = reference("control-plane")
        if self.parts.machines:
            control_plane |= {
                "machineInfrastructure": reference("control-machines"),
                "healthCheck": self._health_check(),
            }
        return {
            "infrastructure": reference("infrastructure"),
            "controlPlane": control_plane,
            "workers": {self.kind: [pool(each) for each in self.parts.pools]},
        }

    def cluster_spec(self, class_name: Any) -> dict[str, Any]:
        """The Cluster, given the name of its class."""
        settings, chosen = self.cluster, self.cluster.cluster_class
        reference = {"name": class_name} | ({"namespace": chosen.namespace} if chosen and chosen.namespace else {})
        topology: dict[str, Any] = {
            "classRef": reference,
            "version": f"v{settings.version}",
            "workers": {self.kind: [entry for pool in settings.workers for entry in self._workers(pool)]},
        }
        if self.parts.replicas is not None:
            topology["controlPlane"] = {"replicas": self.parts.replicas}
        if chosen and chosen.variables:
            topology["variables"] = [{"name": name, "value": value} for name, value in sorted(chosen.variables.items())]
        return {
            "clusterNetwork": {
                "pods": {"cidrBlocks": list(settings.pod_cidrs)},
                "services": {"cidrBlocks": list(settings.service_cidrs)},
                "serviceDomain": "cluster.local",
            },
            "topology": topology,
        }

    @property
    def kind(self) -> str:
        """How the class and the topology call its pools."""
        return "machinePools" if self.parts.managed else "machineDeployments"

    def _workers(self, pool: Workers) -> Iterator[dict[str, Any]]:
        """One entry a zone, or one for all of them where the cloud runs the pool."""
        chosen = self.cluster.cluster_class.workers if self.cluster.cluster_class else pool.name
        zones = self.cluster.zones
        if self.parts.managed:
            yield {"class": chosen, "name": pool.name, "failureDomains": list(zones), **self._number(pool, len(zones))}
            return
        for zone in zones:
            yield {"class": chosen, "name": f"{pool.name}-{zone}", "failureDomain": zone, **self._number(pool, 1)}

    def _number(self, pool: Workers, zones: int) -> dict[str, Any]:
        labels = {"labels": dict(pool.labels)} if pool.labels else {}
        if not autoscaled(pool):
            return {"replicas": pool.machines_per_zone * zones, **({"metadata": labels} if labels else {})}
        # Without a number it is the autoscaler's, as the number of a backend's pods is; it begins with the least.
        bounds = {
            _AUTOSCALER.format("min"): str(pool.machines_per_zone * zones),
            _AUTOSCALER.format("max"): str((pool.max_machines_per_zone or 0) * zones),
        }
        if self.parts.managed:
            bounds["cluster.x-k8s.io/replicas-managed-by"] = self.parts.autoscaler
        return {"metadata": {"annotations": bounds, **labels}}

    def _health_check(self) -> dict[str, Any]:
        seconds = self.cluster.unhealthy_seconds
        return {
            "checks": {
                "nodeStartupTimeoutSeconds": _STARTUP_SECONDS,
                "unhealthyNodeConditions": [
                    {"type": "Ready", "status": status, "timeoutSeconds": seconds} for status in ("Unknown", "False")
                ],
            },
            "remediation": {"triggerIf": {"unhealthyLessThanOrEqualTo": _REPLACED_AT_MOST}},
        }


def blueprint(cluster: ClusterApiCluster) -> Blueprint:
    """What the settings, which are in no conflict, ask for."""
    if cluster.aws:
        return Blueprint(cluster, aws.parts(cluster, cluster.aws))
    if cluster.google:
        return Blueprint(cluster, google.parts(cluster, cluster.google))
    if cluster.azure:
        return Blueprint(cluster, azure.parts(cluster, cluster.azure))
    if cluster.development:
        return Blueprint(cluster, development.parts(cluster, cluster.development))
    raise ValueError("no cloud is given")  # the settings refuse it
