"""The other objects of a preview that a rule looks at: the workloads, as they run now and as they will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.review.preview import Step

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}
Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Workload:
    """A running workload: its inputs before the change, and after it (empty if it is deleted)."""

    before: Inputs
    after: Inputs
    urn: str = ""

    @property
    def templates(self) -> list[Inputs]:
        """Its pod templates, before and after."""
        return [spec(inputs).get("template") or {} for inputs in (self.before, self.after) if inputs]

    def selected(self, labels: Inputs) -> bool:
        """Return whether these labels select its pods, both before and after."""
        return all(_has(template, labels) for template in self.templates)


@dataclass(frozen=True)
class ReviewContext:
    """What surrounds one resource of a preview."""

    steps: tuple[Step, ...] = ()
    nothing_runs: bool = False
    """Whether the stack, or the cluster in it, is new."""
    dependencies: tuple[str, ...] = ()
    """URNs of what is updated before the resource."""
    cluster: str = ""
    """The provider of the resource. Objects on another cluster do not affect it."""

    @property
    def may_hide_workloads(self) -> bool:
        """Whether workloads may run that the preview does not list: it omits unchanged ones without --show-sames."""
        return not self.nothing_runs and not any(step.unchanged for step in self.steps)

    def running(self, inputs: Inputs) -> list[Workload]:
        """Return the running workloads in the namespace of an object."""
        return [Workload(step.old, step.new or {}, step.urn) for step in self._near(inputs, WORKLOADS) if step.old]

    def named(self, inputs: Inputs, kind: str, name: Any) -> Workload | None:
        """Return the running workload of this kind and name in the namespace of an object."""
        return next(
            (
                Workload(step.old, step.new or {}, step.urn)
                for step in self._near(inputs, {kind})
                if step.old and _meta(step.old).get("name") == name
            ),
            None,
        )

    def replica_counts(self, inputs: Inputs) -> set[int]:
        """Return the lowest and highest replica counts of the workloads that run in the namespace of an object."""
        counts: set[Any] = set()
        for workload in self.running(inputs):
            scalers = [
                spec(scaler)
                for scaler in self.kept(inputs, "HorizontalPodAutoscaler")
                if (spec(scaler).get("scaleTargetRef") or {}).get("name") == _meta(workload.before).get("name")
            ]
            counts |= {one.get(key, 1) for one in scalers for key in ("minReplicas", "maxReplicas")} or {
                spec(workload.after or workload.before).get("replicas", 1)
            }
        return {int(count) for count in counts if isinstance(count, (int, float))}

    def kept(self, inputs: Inputs, kind: str) -> list[Inputs]:
        """Return the objects of a kind, as they will be, that exist before and after in the namespace of an object."""
        return [step.new for step in self._near(inputs, {kind}) if step.old and step.new]

    def _near(self, inputs: Inputs, kinds: set[str]) -> Iterator[Step]:
        for step in self.steps:
            namespace = _meta(step.old or step.new or {}).get("namespace")
            if step.kind in kinds and namespace == _meta(inputs).get("namespace") and step.provider == self.cluster:
                yield step


def spec(inputs: Inputs) -> Inputs:
    """Return the spec of an object, empty if it has none."""
    return inputs.get("spec") or {}


def ports(template: Inputs) -> dict[Any, Any]:
    """Return the declared container ports of a pod template, by name and by number."""
    lasting = [
        *(spec(template).get("containers") or ()),
        *(one for one in spec(template).get("initContainers") or () if one.get("restartPolicy") == "Always"),
    ]
    declared = [port for container in lasting for port in container.get("ports") or ()]
    return {
        key: port.get("containerPort") for port in declared for key in (port.get("name"), port.get("containerPort"))
    }


def required_names(template: Inputs, kind: str) -> set[Any]:
    """Return the names of the ConfigMaps, Secrets or the ServiceAccount without which a pod cannot start."""
    pod = spec(template)
    if kind == "ServiceAccount":
        return {pod.get("serviceAccountName") or pod.get("serviceAccount")}
    env, key, volume, name = {
        "ConfigMap": ("configMapRef", "configMapKeyRef", "configMap", "name"),
        "Secret": ("secretRef", "secretKeyRef", "secret", "secretName"),
    }[kind]
    containers = [*(pod.get("containers") or ()), *(pod.get("initContainers") or ())]
    sources = [source.get(env) for one in containers for source in one.get("envFrom") or ()]
    sources += [(entry.get("valueFrom") or {}).get(key) for one in containers for entry in one.get("env") or ()]
    volumes = [entry.get(volume) for entry in pod.get("volumes") or ()]
    return {source.get("name") for source in sources if source and not source.get("optional")} | {
        source.get(name) for source in volumes if source and not source.get("optional")
    }


def _has(template: Inputs, labels: Inputs) -> bool:
    present = _meta(template).get("labels") or {}
    return all(present.get(key) == value for key, value in labels.items())


def _meta(inputs: Inputs) -> Inputs:
    return inputs.get("metadata") or {}
