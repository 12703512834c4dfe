"""Findings about a running backend, before and after an update, and errors of the API server itself."""

from __future__ import annotations

from .kind import ErrorKind

_REFRESH = "Run a refresh: `make up ARGS=--refresh`, or `pulumi up --refresh`."

NOT_HIGHLY_AVAILABLE = ErrorKind(
    "not-highly-available",
    "The backend is not highly available",
    "The update was applied, but the running backend did not meet its availability promise in time. The message lists "
    "every finding.",
    "Fix each finding: its own line and its own id name the remedy. Then run `pulumi up` again.",
)
RELEASE_FAILED = ErrorKind(
    "release-failed",
    "The release did not become ready",
    "New pods did not become ready before the deadline, so the rollout stopped. Old pods keep serving where the "
    "message counts them: a release promises that a bad one takes no capacity.",
    "Fix the cause that the message names (image, probe, resources), then run `pulumi up` again. `make deploy` rolls "
    "back automatically.",
)
OBJECT_MISSING = ErrorKind(
    "object-missing",
    "An object of the backend does not exist",
    "Pulumi's state holds an object that the cluster does not have. What that object promises (replicas, endpoints, "
    "disruption budget, scaling, ingress) does not hold.",
    _REFRESH,
)
REPLICA_COUNT_DRIFTED = ErrorKind(
    "replica-count-drifted",
    "The replica count differs from the settings",
    "The promise is computed from `replicas`. The Deployment is set to another number, for example by `kubectl scale`.",
    f"{_REFRESH} If the autoscaler is enabled and the count is too low, the autoscaler raises it when it can read its "
    "metrics.",
)
PODS_UNAVAILABLE = ErrorKind(
    "pods-unavailable",
    "Too few pods are available",
    "The promise counts on `replicas` available pods of the current release.",
    "Fix what the message names for each pod, for example its image, its probes or its requests.",
)
AUTOSCALER_BOUNDS_DRIFTED = ErrorKind(
    "autoscaler-bounds-drifted",
    "The autoscaler's bounds differ from the settings",
    "The promise is computed from `replicas` and `autoscaling.maxReplicas`. The HorizontalPodAutoscaler has other "
    "bounds.",
    _REFRESH,
)
AUTOSCALER_INACTIVE = ErrorKind(
    "autoscaler-inactive",
    "The autoscaler cannot scale",
    "The promise assumes that load is kept below the autoscaler's target. The HorizontalPodAutoscaler reports that it "
    "cannot scale.",
    "Fix the reason in the message. FailedGetResourceMetric means that metrics-server is missing or not ready.",
)
AUTOSCALERS_CONFLICT = ErrorKind(
    "autoscalers-conflict",
    "A VerticalPodAutoscaler works against the autoscaler",
    "The HorizontalPodAutoscaler divides usage by requests. A VerticalPodAutoscaler that changes these requests "
    "makes the two chase each other, so the reserve for a failure is not kept.",
    "Set the VerticalPodAutoscaler's `updateMode` to `Off`, or restrict it to resources that the autoscaler does not "
    "measure.",
)
BUDGET_SELECTS_NO_PODS = ErrorKind(
    "disruption-budget-selects-no-pods",
    "The disruption budget protects no pod",
    "A drain promises to evict at most `disruptionBudget.maxUnavailable` pods at a time. The PodDisruptionBudget "
    "selects none, so a drain may evict all of them at once.",
    _REFRESH,
)
BUDGET_BLOCKS_DRAINS = ErrorKind(
    "disruption-budget-blocks-drains",
    "The disruption budget allows no disruption",
    "A drain promises to finish. The PodDisruptionBudget never allows an eviction, so node upgrades would hang.",
    _REFRESH,
)
ENDPOINTS_NOT_READY = ErrorKind(
    "endpoints-not-ready",
    "The Service has too few ready endpoints",
    "Requests are answered by ready endpoints only, and the promise counts on `replicas` of them.",
    "Fix what the message names for each pod. If all pods are ready, compare the Service's selector with their labels.",
)
PODS_IN_ONE_DOMAIN = ErrorKind(
    "pods-in-one-domain",
    "All pods are in one node or zone",
    "`survive` promises that pods elsewhere keep serving. Every ready pod runs in the same node or zone, although "
    "others accept pods.",
    "Make capacity available in the other nodes or zones, then replace the pods: `kubectl rollout restart`.",
)
PODS_UNEVEN = ErrorKind(
    "pods-uneven",
    "Too many pods are in one node or zone",
    "After the failure that `survive` names, the remaining pods must carry the whole load. Without the fullest node or "
    "zone they could not.",
    "Make capacity available in the other nodes or zones, then replace the pods: `kubectl rollout restart`.",
)
FOREIGN_POD = ErrorKind(
    "foreign-pod-selected",
    "The Service selects a pod of another owner",
    "A pod that does not belong to the Deployment carries the label that the Service, the autoscaler and the "
    "disruption budget select by. It receives requests and counts as capacity.",
    "Remove that label from the pod, or from the workload that owns it.",
)
INGRESS_WITHOUT_ADDRESS = ErrorKind(
    "ingress-without-address",
    "The Ingress has no address",
    "`ingress.hosts` promises that requests to these hosts reach the backend. No ingress controller has published an "
    "address.",
    "Install a controller for the class, or set `ingress.className`. If the controller publishes no address, set "
    'the annotation `pulumi.com/skipAwait: "true"` in `ingress.annotations`.',
)
ROUTE_NOT_ACCEPTED = ErrorKind(
    "route-not-accepted",
    "A Gateway does not accept the route",
    "`route.parentRefs` promises that requests to these Gateways reach the backend.",
    "Fix the condition in the message: the Gateway's name, its namespace, its listeners' `allowedRoutes`, or its "
    "controller.",
)

REPLICA_HANDOVER_FAILED = ErrorKind(
    "replica-handover-failed",
    "The autoscaler could not be removed before the replica count is fixed",
    "With `autoscaling.enabled: false` the settings own the replica count. An autoscaler that still exists would "
    "overwrite it, so the update stops before it changes the Deployment.",
    "Allow the account to get and delete HorizontalPodAutoscalers in the namespace, or delete the autoscaler yourself, "
    "then run `pulumi up` again.",
)

API_SERVER_UNREACHABLE = ErrorKind(
    "api-server-unreachable",
    "The API server does not respond",
    "Nothing is known about the cluster, so no promise can be checked.",
    "Check the network, the address in the kubeconfig and the cluster itself: `kubectl get --raw /readyz`.",
)
API_SERVER_FORBIDDEN = ErrorKind(
    "api-server-forbidden",
    "The account lacks a permission",
    "The API server refuses a request that the check needs, so it cannot tell a missing object from a hidden one.",
    "Grant the account the permission that the message names, or use another kubeconfig context.",
)
API_SERVER_ERROR = ErrorKind(
    "api-server-error",
    "The API server returned an error",
    "The API server responded, but not with what the check needs.",
    "Read the error in the message. Retry if it is temporary (429, 500 to 504).",
)
KUBECONFIG_INVALID = ErrorKind(
    "kubeconfig-invalid",
    "The kubeconfig cannot be used",
    "The kubeconfig has no such context, or its certificates or tokens are not valid data.",
    "Fix the entry that the message names, or use another context: `kubectl config get-contexts`.",
)
CLUSTER_NOT_READY = ErrorKind(
    "workload-cluster-not-ready",
    "The Cluster API cluster did not become ready",
    "A backend is deployed only to a cluster whose control plane and workers are available. The message lists every "
    "condition that is not.",
    "Fix the conditions in the message (quota, credentials, machine type), then run `pulumi up` again: it continues to "
    "wait. Raise `cluster.readyMinutes` if the cloud is slow.",
)

SELECTOR_OVERLAP = ErrorKind(
    "foreign-selector-overlap",
    "Another Deployment shares pods with the backend",
    "The promise counts the backend's own pods. A Deployment whose selector or pods match the backend's would exchange "
    "requests and pods with it.",
    "Use another name, namespace or set of labels, or remove the label from the other Deployment's pods.",
)
RELEASE_JOB_FAILED = ErrorKind(
    "release-job-failed",
    "Job of the release failed",
    "The Job of `releaseJob` did not succeed, so no pod of the new release was started. The previous release keeps "
    "serving.",
    "Correct the cause in the message and run `pulumi up` again, which runs the Job again.",
)
