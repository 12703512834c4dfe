"""What else a preview shows that a rule must look at: the workloads, as they run now and as they are to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.review.preview import Step

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}
Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Workload:
    """One that runs already: its inputs before the change, and after it (empty where it goes)."""

    before: Inputs
    after: Inputs
    urn: str = ""

    @property
    def templates(self) -> list[Inputs]:
        """What its pods are made from, now and then."""
        return [spec(inputs).get("template") or {} for inputs in (self.before, self.after) if inputs]

    def selected(self, labels: Inputs) -> bool:
        """Whether these labels select its pods, now and then."""
        return all(_has(template, labels) for template in self.templates)


@dataclass(frozen=True)
class Around:
    """The steps of a preview; ``fresh`` where nothing runs yet."""

    steps: tuple[Step, ...] = ()
    fresh: bool = False
    waits: tuple[str, ...] = ()
    """URNs of what is updated before the object that is judged."""
    cluster: str = ""
    """The provider of that object: what is on another cluster is not near it."""

    @property
    def blind(self) -> bool:
        """Whether something may run that the preview does not show: it leaves out what does not change (--show-sames)."""
        return not self.fresh and not any(step.quiet for step in self.steps)

    def running(self, inputs: Inputs) -> list[Workload]:
        """The workloads in the namespace of an object that run already."""
        return [Workload(step.old, step.new or {}, step.urn) for step in self._near(inputs, WORKLOADS) if step.old]

    def named(self, inputs: Inputs, kind: str, name: Any) -> Workload | None:
        """The workload of a name in the namespace of an object."""
        return next(
            (
                Workload(step.old, step.new or {}, step.urn)
                for step in self._near(inputs, {kind})
                if step.old and _meta(step.old).get("name") == name
            ),
            None,
        )

    def numbers(self, inputs: Inputs) -> set[int]:
        """How many pods there may be, at the least and at the most, of the workloads that run in the namespace of an object."""
        found: set[Any] = set()
        for workload in self.running(inputs):
            scalers = [
                spec(scaler)
                for scaler in self.kept(inputs, "HorizontalPodAutoscaler")
                if (spec(scaler).get("scaleTargetRef") or {}).get("name") == _meta(workload.before).get("name")
            ]
            found |= {one.get(key, 1) for one in scalers for key in ("minReplicas", "maxReplicas")} or {
                spec(workload.after or workload.before).get("replicas", 1)
            }
        return {int(number) for number in found if isinstance(number, (int, float))}

    def kept(self, inputs: Inputs, kind: str) -> list[Inputs]:
        """Objects of a kind in the namespace of an object that are there before and after the change, as they are after it."""
        return [step.new for step in self._near(inputs, {kind}) if step.old and step.new]

    def _near(self, inputs: Inputs, kinds: set[str]) -> Iterator[Step]:
        for step in self.steps:
            space = _meta(step.old or step.new or {}).get("namespace")
            if (
                step.type.rpartition(":")[2] in kinds
                and space == _meta(inputs).get("namespace")
                and step.provider == self.cluster
            ):
                yield step


def spec(inputs: Inputs) -> Inputs:
    """The spec of an object, empty where it has none."""
    return inputs.get("spec") or {}


def ports(template: Inputs) -> dict[Any, Any]:
    """The ports that a pod says it has, by name and by number."""
    lasting = [
        *(spec(template).get("containers") or ()),
        *(one for one in spec(template).get("initContainers") or () if one.get("restartPolicy") == "Always"),
    ]
    found = [port for container in lasting for port in container.get("ports") or ()]
    return {key: port.get("containerPort") for port in found for key in (port.get("name"), port.get("containerPort"))}


def mentioned(template: Inputs, kind: str) -> set[Any]:
    """Names of the ConfigMaps, Secrets or the ServiceAccount without which a pod cannot start."""
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
    carried = _meta(template).get("labels") or {}
    return all(carried.get(key) == value for key, value in labels.items())


def _meta(inputs: Inputs) -> Inputs:
    return inputs.get("metadata") or {}
