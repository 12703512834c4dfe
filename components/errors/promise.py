"""Settings under which the stated failure cannot be survived, on any cluster or on this one."""

from __future__ import annotations

from .kind import ErrorKind

REPLICAS_TOO_FEW = ErrorKind(
    "replicas-too-few",
    "Too few replicas",
    "`survive` promises that requests are answered while a pod, a node or a zone is lost. With a single replica no pod "
    "is left to answer them.",
    "Raise `replicas` to the number in the message.",
)
BUDGET_TOO_LARGE = ErrorKind(
    "disruption-budget-too-large",
    "The disruption budget allows too many disruptions",
    "A drain promises to cost no more capacity than the failure that `survive` names. With this "
    "`disruptionBudget.maxUnavailable` a drain could evict more pods than that failure takes, or all of them.",
    "Lower `disruptionBudget.maxUnavailable` to the number in the message, or raise `replicas`.",
)
TOO_FEW_ZONES = ErrorKind(
    "too-few-zones",
    "The cluster has too few zones",
    "`survive: zone` promises that pods in another zone keep serving. The nodes of this cluster are in a single zone, "
    "or carry no zone label.",
    "Set `survive` to the value in the message, label the nodes with `topology.kubernetes.io/zone`, or use a cluster "
    "with nodes in at least two zones.",
)
TOO_FEW_NODES = ErrorKind(
    "too-few-nodes",
    "The cluster has too few nodes",
    "`survive: node` and `survive: zone` promise that pods on another node keep serving. This cluster has at most one "
    "node that accepts pods.",
    "Set `survive` to `pod`, or use a cluster with at least two schedulable nodes.",
)
CLAIM_MISSING = ErrorKind(
    "claim-missing",
    "A PersistentVolumeClaim does not exist",
    "The promise counts on every pod to start. A pod that mounts a missing claim stays pending.",
    "Create the claim in the backend's namespace with the access mode `ReadWriteMany` or `ReadOnlyMany`, or omit the "
    "volume.",
)
CLAIM_BOUND_TO_ONE_NODE = ErrorKind(
    "claim-bound-to-one-node",
    "A volume ties all pods to one node",
    "The loss of a node is survived only if pods run on several nodes. All pods mount the same claim, and its access "
    "modes allow a single node.",
    "Use a claim with `ReadWriteMany` or `ReadOnlyMany`, or an ephemeral volume, which each pod gets for itself.",
)
SPREAD_UNSATISFIABLE = ErrorKind(
    "hard-spread-without-zones",
    "A hard spread needs zone labels",
    "With `placement.spread: hard` the scheduler places pods only on nodes that carry a zone label. No node has one, "
    "so every pod would stay pending.",
    "Set `placement.spread` to `soft`, or label the nodes with `topology.kubernetes.io/zone`.",
)
UTILIZATION_TOO_HIGH = ErrorKind(
    "utilization-too-high",
    "The utilization target leaves no reserve for the failure",
    "After the failure that `survive` names, the remaining pods must carry the whole load until the autoscaler adds "
    "more. At this utilization target they would be throttled (CPU) or killed (memory).",
    "Lower the target to the number in the message, or raise `replicas`.",
)
CLUSTER_LOSS_OVERLOAD = ErrorKind(
    "utilization-too-high-for-cluster-loss",
    "The utilization target leaves no reserve for the loss of a cluster",
    "After the loss of the largest cluster, the other clusters must carry its load. At this utilization target their "
    "pods would be throttled (CPU) or killed (memory).",
    "Lower the target to the number in the message, or deploy to more clusters.",
)
IMAGE_TAG_MUTABLE = ErrorKind(
    "image-tag-mutable",
    "The image tag moves between builds",
    "A release promises that all of its pods run the same program. A tag such as `latest` names another image after "
    "the next build, so a pod that starts later could run another program.",
    "Use the version's own tag, or pin the image by digest (`NAME:TAG@sha256:...`).",
)
IMAGE_NOT_PINNED = ErrorKind(
    "image-not-pinned",
    "The image is not pinned by digest",
    "A protected stack (`protect: true`) and an edge site promise that all pods of a release run the same program. Any "
    "tag can be moved, and a node keeps what it has pulled under a tag.",
    "Pin the image by digest: `NAME:TAG@sha256:...`.",
)
NO_ELIGIBLE_NODE = ErrorKind(
    "no-eligible-node",
    "No node matches the node selection",
    "The promise needs nodes to run on. No node of the cluster matches the labels, architectures and taints that the "
    "settings select by.",
    "Select by labels that nodes carry (`kubectl get nodes --show-labels`), and tolerate the taints of these nodes.",
)
NODE_SELECTION_TOO_NARROW = ErrorKind(
    "node-selection-too-narrow",
    "The node selection leaves too few failure domains",
    "`survive` promises that pods in another node or zone keep serving. The cluster has enough nodes and zones, but "
    "the selected nodes do not.",
    "Select nodes in at least two zones (`survive: zone`) or at least two nodes (`survive: node`), or set `survive` to "
    "the value in the message.",
)
POD_TOO_LARGE = ErrorKind(
    "pod-too-large",
    "A pod fits on no node",
    "The promise counts on every pod to start. A pod whose requests exceed the allocatable resources of the largest "
    "node stays pending.",
    "Lower the requests that the message names, or use larger nodes.",
)
CAPACITY_TOO_SMALL = ErrorKind(
    "capacity-too-small",
    "The nodes cannot hold all pods",
    "The promise counts on every pod to start: `replicas` after the failure that `survive` names, and the largest "
    "replica count during a rollout. The nodes hold fewer pods than that, and no node is added automatically.",
    "Lower the replica count or `resources.requests`, or add nodes (`cluster.nodesPerZone` for the embedded cluster).",
)
KUBERNETES_TOO_OLD = ErrorKind(
    "kubernetes-too-old-for-setting",
    "The cluster is too old for a setting",
    "An API server drops fields that it does not know and reports success, so what the setting promises would silently "
    "not hold.",
    "Omit the setting, or upgrade the cluster to the version in the message.",
)
METRICS_API_MISSING = ErrorKind(
    "metrics-api-missing",
    "The autoscaler cannot read a metric",
    "The promise assumes that load is kept below the autoscaler's target. Without this metrics API the autoscaler "
    "never scales.",
    "Install the metrics source that the message names, or omit the setting.",
)
INGRESS_CLASS_MISSING = ErrorKind(
    "ingress-class-missing",
    "No ingress controller serves the Ingress",
    "`ingress.hosts` promises that requests to these hosts reach the backend. No controller of the cluster serves an "
    "Ingress of this class.",
    "Set `ingress.className` to a class that the cluster has, or install an ingress controller.",
)
GATEWAY_API_MISSING = ErrorKind(
    "gateway-api-missing",
    "The cluster does not serve the Gateway API",
    "`route.parentRefs` promises that requests to these Gateways reach the backend. The cluster has no HTTPRoute.",
    "Install the Gateway API and a controller for it, or use `ingress`.",
)
ROUTE_FIELD_UNSUPPORTED = ErrorKind(
    "route-field-unsupported",
    "The cluster's HTTPRoute does not have a field",
    "The API server would reject the route in the middle of an update, after other objects have changed.",
    "Install the version or channel of the Gateway API that the message names, or omit the setting.",
)
PROMETHEUS_OPERATOR_MISSING = ErrorKind(
    "prometheus-operator-missing",
    "The cluster does not serve monitoring.coreos.com",
    "`monitoring` promises that Prometheus scrapes the backend and alerts on it. Nothing reads these objects without "
    "the Prometheus operator.",
    "Install the Prometheus operator, or omit the setting.",
)
PRIORITY_CLASS_RESERVED = ErrorKind(
    "priority-class-reserved",
    "The PriorityClass is reserved for Kubernetes",
    "PriorityClasses whose names start with `system-` protect what a node cannot run without. A backend in such a "
    "class could preempt it.",
    "Use a PriorityClass of your own, or omit `placement.priorityClassName`.",
)
PRIORITY_CLASS_MISSING = ErrorKind(
    "priority-class-missing",
    "The PriorityClass does not exist",
    "The promise counts on every pod to be created. The API server rejects pods of an unknown PriorityClass.",
    "Use a PriorityClass that the cluster has, or create this one first.",
)
MESH_NOT_INSTALLED = ErrorKind(
    "mesh-not-installed",
    "The service mesh does not inject its proxy",
    "`mesh` promises that traffic passes through the mesh. No webhook of the cluster injects a proxy into pods with "
    "these labels.",
    "Install the mesh, or set `meshOptions.revision` to a revision that the cluster has.",
)
MESH_AGENT_MISSING = ErrorKind(
    "mesh-agent-missing",
    "The service mesh has no agent on the nodes",
    "Pod Security's `restricted` level is enforced. Without the mesh's CNI plugin its proxy needs NET_ADMIN and the "
    "pod is rejected; without ztunnel an ambient mesh carries no traffic.",
    "Install the mesh with its CNI plugin (ambient mode: with the ambient profile).",
)
MESH_TOO_OLD = ErrorKind(
    "mesh-too-old",
    "The service mesh is too old",
    "A planned change promises to lose no request. The proxy of this version terminates before the backend has "
    "drained, because it is not a native sidecar.",
    "Upgrade the mesh to the version in the message.",
)
MESH_API_MISSING = ErrorKind(
    "mesh-api-missing",
    "The cluster does not serve Istio's traffic rules",
    "Retries and outlier detection are promised through a VirtualService and a DestinationRule. Nothing reads them "
    "without Istio's definitions.",
    "Install Istio's definitions (chart `base`), or omit the setting.",
)
BUDGET_BLOCKS = ErrorKind(
    "budget-blocks-drains",
    "Disruption budget blocks drains",
    "The budget allows no eviction at some replica count. A node could then be neither drained nor upgraded.",
    "Set `disruptionBudget.maxUnavailable` to 1, which follows the replica count.",
)
