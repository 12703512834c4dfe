"""Pod template overrides that would break the promise, or that Kubernetes would reject."""

from __future__ import annotations

from .kind import ErrorKind

MANAGED_FIELD = ErrorKind(
    "managed-field",
    "Field managed by another setting",
    "The component computes this field from a setting, and the promise is computed from the same setting.",
    "Use the setting that the message names.",
)
UNSUPPORTED_FIELD = ErrorKind(
    "unsupported-field",
    "Unsupported field",
    "The field would break the promise, has no meaning for pods of a Deployment, or is newer than this version.",
    "Omit the field. The message names an alternative if there is one.",
)
POD_SECURITY = ErrorKind(
    "pod-security",
    "Forbidden by Pod Security",
    "The backend's namespace enforces the Pod Security Standard `restricted`. The API server would reject the new pods "
    "during the rollout.",
    "Omit the field, or use one of the values in the message.",
)
RESERVED_NAME = ErrorKind(
    "reserved-name",
    "Reserved name",
    "The backend's own container, port or volume has this name or path.",
    "Choose another name or path.",
)
CONTAINER_WITHOUT_LIMITS = ErrorKind(
    "container-without-limits",
    "Container without limits",
    "A container without limits receives the defaults of the namespace's LimitRange, which are sized for the backend. "
    "The capacity in the promise would be wrong.",
    "Set `resources.limits.cpu` and `resources.limits.memory`. A namespace that stays as it is "
    "(`createNamespace: false`) has no such LimitRange, so you may omit both.",
)
CONTAINER_ENDS_TOO_EARLY = ErrorKind(
    "container-ends-too-early",
    "Container stops before the backend",
    "A terminating pod keeps serving and then drains. A regular container stops at once, and a preStop hook runs at "
    "once, while the backend may still need the container.",
    "Make it a sidecar: an entry of `initContainers` with `restartPolicy: Always` and without a preStop hook other "
    "than `sleep`.",
)
PROBE_ON_INIT_CONTAINER = ErrorKind(
    "probe-on-init-container",
    "Probe or hook on an init container",
    "Kubernetes rejects probes and lifecycle hooks on init containers that are not sidecars.",
    "Omit the field, or set `restartPolicy: Always`.",
)
FIELD_DROPPED = ErrorKind(
    "field-dropped",
    "Field dropped by the API server",
    "The field is behind a feature gate that is disabled by default. The API server would drop it without an error.",
    "Omit the field.",
)
REQUIRED_AFFINITY = ErrorKind(
    "required-affinity",
    "Required pod affinity",
    "A required rule ties pods together, or leaves them pending after a failure or during a rollout.",
    "Use `preferredDuringSchedulingIgnoredDuringExecution`. For the backend's own pods, set `placement.spread`.",
)
SPREAD_LEAVES_PODS_PENDING = ErrorKind(
    "spread-leaves-pods-pending",
    "Spread constraint that leaves pods pending",
    "With `DoNotSchedule`, the replacements of lost pods stay pending if the failure takes a whole topology domain.",
    "Set `whenUnsatisfiable` to `ScheduleAnyway`.",
)
TOLERATES_NODE_CONDITION = ErrorKind(
    "tolerates-node-condition",
    "Toleration of a node condition",
    "Kubernetes uses these taints to keep pods off nodes that are lost, drained or cannot run them. Pods that tolerate "
    "them stay on lost nodes and return to drained ones.",
    "Tolerate only the taint of your node pool, by its key. For lost nodes, set `placement.tolerationSeconds`.",
)
BLOCKS_EVICTION = ErrorKind(
    "annotation-blocks-eviction",
    "Annotation that blocks eviction",
    "The annotation keeps node autoscalers from draining the node, so nodes cannot be upgraded or repaired. The "
    "PodDisruptionBudget already makes drains safe.",
    "Omit the annotation.",
)
VOLUME_SOURCE = ErrorKind(
    "volume-source-ambiguous",
    "Ambiguous volume",
    "A volume must have exactly one source.",
    "Keep one source, for example `emptyDir`.",
)
VOLUME_WITHOUT_LIMIT = ErrorKind(
    "volume-without-size-limit",
    "emptyDir without a size limit",
    "The scheduler reserves the storage that a pod may use. A pod that uses more is evicted, and without a limit the "
    "reservation is wrong.",
    "Set `sizeLimit`, for example to 64Mi. Or set `resources.tmpSizeLimit` to null, and the pod requests no storage.",
)
PART_OF_A_LIMIT = ErrorKind(
    "disk-limit-of-one-container",
    "Disk limit of one container alone",
    "The kubelet evicts a pod that writes more than the sum of its containers' limits. If only a sidecar has a limit, "
    "the kubelet evicts every replica whose backend writes that much.",
    "Omit the limit. Or set `resources.tmpSizeLimit`, which limits the backend's own container.",
)
MEMORY_VOLUME_TOO_LARGE = ErrorKind(
    "memory-volume-too-large",
    "In-memory volume too large",
    "An `emptyDir` in memory counts against the backend's memory limit. A full volume would get the backend killed.",
    "Lower `sizeLimit`, or raise `resources.limits.memory`.",
)
UNKNOWN_VOLUME = ErrorKind(
    "unknown-volume",
    "Unknown volume",
    "A container mounts a volume that the pod does not have. The API server would reject the Deployment.",
    "Add the volume to `podTemplate.spec.volumes`, or mount one of the volumes in the message.",
)
SHARED_RESOURCE_CLAIM = ErrorKind(
    "shared-resource-claim",
    "Shared resource claim",
    "All pods would share one device, so all of them would run on the node that has it.",
    "Set `resourceClaimTemplateName`, so that each pod has its own claim.",
)
READINESS_PROBE_MISSING = ErrorKind(
    "readiness-probe-missing",
    "No readiness probe",
    "Without a readiness probe a new pod receives requests as soon as its container runs, and a rollout replaces pods "
    "that serve by pods that do not. The promise of no failed request in a rollout needs one.",
    "State `readinessProbe` for the container `backend` in `podTemplate`: `httpGet`, `grpc`, `tcpSocket` or `exec`.",
)
INVALID_PROBE = ErrorKind(
    "invalid-probe",
    "Invalid probe",
    "The API server rejects the probe, or the kubelet can never run it, so no pod would become ready.",
    "Correct the probe as the message says.",
)
UNKNOWN_PORT = ErrorKind(
    "unknown-port",
    "Unknown port",
    "The Service would send requests to a named port that no container has, so they would all fail.",
    "Use the name of a port of the container, or its number, or declare the port in `podTemplate`.",
)
