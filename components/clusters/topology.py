"""The objects of a cluster: templates, the ClusterClass that combines them, and the Cluster with that class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .clouds.parts import Parts, Pool, Template
from .cluster_api import ClusterApiCluster
from .machines import Workers

CORE = "cluster.x-k8s.io/v1beta2"
_AUTOSCALER = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-{}-size"
_MAX_REPLACED = "40%"  # of a pool's machines at a time: if more are lost, the cause is outside the machines
_STARTUP_SECONDS = 1200  # a machine without a node by then never gets one


@dataclass(frozen=True)
class Blueprint:
    """The settings and the parts of a cluster, as the objects that Cluster API takes."""

    cluster: ClusterApiCluster
    parts: Parts

    @property
    def templates(self) -> dict[str, Template]:
        """The templates of the ClusterClass, by part. Empty if the platform maintains a class.

        Templates are immutable: each is replaced when it changes.
        """
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
        """Return the spec of the ClusterClass. ``names`` holds the name of each template, by part."""

        def reference(part: str) -> dict[str, Any]:
            template = self.templates[part]
            return {"templateRef": {"apiVersion": template.api_version, "kind": template.kind, "name": names[part]}}

        def pool_class(pool: Pool) -> dict[str, Any]:
            name = pool.workers.name
            entry = {
                "class": name,
                "bootstrap": reference(f"{name}-bootstrap"),
                "infrastructure": reference(f"{name}-machines"),
            }
            return entry if self.parts.managed else {**entry, "healthCheck": self._health_check()}

        control_plane = reference("control-plane")
        if self.parts.machines:
            control_plane |= {
                "machineInfrastructure": reference("control-machines"),
                "healthCheck": self._health_check(),
            }
        return {
            "infrastructure": reference("infrastructure"),
            "controlPlane": control_plane,
            "workers": {self.kind: [pool_class(pool) for pool in self.parts.pools]},
        }

    def cluster_spec(self, class_name: Any) -> dict[str, Any]:
        """Return the spec of the Cluster. ``class_name`` is the name of its class."""
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
        """The key of the pools in the class and in the topology."""
        return "machinePools" if self.parts.managed else "machineDeployments"

    def _workers(self, pool: Workers) -> Iterator[dict[str, Any]]:
        """Yield an entry for each zone, or one for all zones if the cloud manages the pool."""
        chosen = self.cluster.cluster_class.workers if self.cluster.cluster_class else pool.name
        zones = self.cluster.zones
        if self.parts.managed:
            yield {"class": chosen, "name": pool.name, "failureDomains": list(zones), **self._size(pool, len(zones))}
            return
        for zone in zones:
            yield {"class": chosen, "name": f"{pool.name}-{zone}", "failureDomain": zone, **self._size(pool, 1)}

    def _size(self, pool: Workers, zones: int) -> dict[str, Any]:
        labels = {"labels": dict(pool.labels)} if pool.labels else {}
        if not pool.autoscaled:
            return {"replicas": pool.machines_per_zone * zones, **({"metadata": labels} if labels else {})}
        # Without replicas, the autoscaler owns the number, as with a backend's pods. It starts at the minimum.
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
            "remediation": {"triggerIf": {"unhealthyLessThanOrEqualTo": _MAX_REPLACED}},
        }


def blueprint(cluster: ClusterApiCluster) -> Blueprint:
    """Return the objects that the settings describe. The settings have no conflicts."""
    return Blueprint(cluster, cluster.cloud.parts(cluster))
