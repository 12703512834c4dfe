"""Settings that are each valid and contradict one another on any cluster."""

from __future__ import annotations

from .kind import ErrorKind

# Autoscaling and rollouts.

AUTOSCALER_CANNOT_SCALE = ErrorKind(
    "autoscaler-cannot-scale",
    "Autoscaler cannot scale",
    "`autoscaling.maxReplicas` is not above `replicas`, so the HorizontalPodAutoscaler can never add a pod.",
    "Raise `autoscaling.maxReplicas`, lower `replicas`, or set `autoscaling.enabled` to false.",
)
AUTOSCALER_WITHOUT_METRIC = ErrorKind(
    "autoscaler-without-metric",
    "Autoscaler without a metric",
    "The HorizontalPodAutoscaler has no metric, so it cannot compute a replica count.",
    "Set `autoscaling.cpuPercent`, for example to 60, or configure another metric.",
)
PROGRESS_DEADLINE_TOO_SHORT = ErrorKind(
    "progress-deadline-too-short",
    "Progress deadline too short",
    "A pod may take longer to become available than `rollout.progressDeadlineSeconds`. A slow but healthy start would "
    "fail the rollout, and `pulumi up` with it.",
    "Raise `rollout.progressDeadlineSeconds` above the sum in the message, or lower one of its terms.",
)

# Labels, names and namespaces.

RESERVED_LABEL = ErrorKind(
    "reserved-label",
    "Reserved label",
    "The label belongs to Kubernetes or to this component. Another value would break the selectors that route requests "
    "and protect the pods, or change how Kubernetes treats them.",
    "Use another key, for example one that starts with your own domain and a slash.",
)
LABEL_CONTRADICTS_SELECTOR = ErrorKind(
    "label-contradicts-selector",
    "Label contradicts the selector",
    "`labels` and `selector` give the same key different values. Pods that do not carry the selector's value are not "
    "selected, so they receive no requests.",
    "Omit the key from `labels`.",
)
RESERVED_NAMESPACE = ErrorKind(
    "reserved-namespace",
    "Reserved namespace",
    "Each backend owns its namespace, with its Pod Security level, quota and network policies. Those would break the "
    "workloads in a namespace that belongs to Kubernetes.",
    "Choose another name.",
)
NAMESPACE_MISMATCH = ErrorKind(
    "namespace-mismatch",
    "Backend in another namespace",
    "A backend in a shared namespace sets a different `namespace`.",
    "Omit `namespace`.",
)
ADOPTED_BACKEND_IN_SHARED_NAMESPACE = ErrorKind(
    "adopted-backend-in-shared-namespace",
    "Adopted backend in a shared namespace",
    "A backend with a `selector` was adopted from an existing Deployment and keeps its namespace.",
    "Omit `selector`, or deploy that backend in a namespace of its own.",
)
BACKEND_NAME_TAKEN = ErrorKind(
    "backend-name-taken",
    "Backend name taken",
    "Two backends in one namespace have the same name, so their objects would overwrite each other.",
    "Choose another name, or another namespace.",
)
SELECTOR_OVERLAP = ErrorKind(
    "selector-overlap",
    "Overlapping selectors",
    "One backend's selector matches the pods of another. A Service would send requests to the wrong backend, and "
    "disruption budgets and autoscalers would count the wrong pods.",
    "Change the labels, the selector or the name of one backend, or deploy it in another namespace.",
)

# Ports and network.

PORT_CONFLICT = ErrorKind(
    "port-conflict",
    "Port conflict",
    "Two listeners in one pod use the same port or the same port name. The containers of a pod share one network "
    "namespace, so one of them could not start, or the Service would send requests to the wrong one.",
    "Choose another port or name.",
)
METRICS_PORT_MISSING = ErrorKind(
    "metrics-port-missing",
    "No metrics port",
    "A setting refers to the metrics port, and `metricsPort` is unset.",
    "Set `metricsPort`, or omit the setting.",
)
EGRESS_DESTINATION = ErrorKind(
    "egress-destination-ambiguous",
    "Ambiguous egress destination",
    "An entry of `network.egress` must set exactly one of `cidr` and `namespace`.",
    "Split an entry with both into two entries, or add the missing key.",
)
ALLOW_FROM_WITH_LOAD_BALANCER = ErrorKind(
    "allow-from-with-load-balancer",
    "allowFrom with a load balancer",
    "Requests from a load balancer arrive from the addresses of nodes, not from a namespace. A NetworkPolicy that "
    "admits only some namespaces would reject them.",
    "Omit `network.allowFrom`, or set `loadBalancer.enabled` to false.",
)
SCRAPE_BLOCKED = ErrorKind(
    "scrape-blocked",
    "Scrape blocked by the NetworkPolicy",
    "A PodMonitor is requested, and the backend's NetworkPolicy rejects connections from Prometheus.",
    "Add the namespace of Prometheus to `network.allowMetricsFrom`.",
)

# Shutdown, probes and ingress.

DEREGISTRATION_TOO_SHORT = ErrorKind(
    "deregistration-too-short",
    "Deregistration too short",
    "A terminating pod would stop serving while the load balancer, the Ingress controller or the Gateway still sends "
    "it requests. Every rollout, drain and scale-in would lose requests.",
    "Raise `shutdown.deregistrationSeconds` to the value in the message.",
)
SHARED_PROBE_PATH = ErrorKind(
    "shared-probe-path",
    "Liveness restarts what is only not ready",
    "Both probes ask the same, and liveness gives up as soon as readiness does. A pod that is temporarily not ready "
    "would be restarted, which turns an overload into an outage.",
    "Let liveness ask something else, give it more failures or a longer period, or set it to null.",
)
ATTEMPT_ABOVE_REQUEST_TIMEOUT = ErrorKind(
    "attempt-above-request-timeout",
    "Attempt longer than the request timeout",
    "`route.backendTimeoutSeconds` limits one attempt and `route.timeoutSeconds` limits all attempts together. The "
    "Gateway API rejects an attempt that is longer than the whole.",
    "Lower `route.backendTimeoutSeconds`, or raise `route.timeoutSeconds`.",
)
ATTEMPT_OUTLIVES_DRAIN = ErrorKind(
    "attempt-outlives-drain",
    "Attempt longer than the drain time",
    "The Gateway waits longer for an answer than a terminating pod has time to finish requests. A rollout would cut "
    "off slow requests.",
    "Lower `route.backendTimeoutSeconds`, or raise `shutdown.drainSeconds`.",
)
INIT_SECONDS_MISSING = ErrorKind(
    "init-seconds-missing",
    "No time for init containers or hooks",
    "Kubernetes does not limit how long init containers and postStart hooks run. The recovery times of the promise "
    "include them, so their duration must be stated.",
    "Set `health.initSeconds` to the seconds that they may take together.",
)

# Resources, environment and monitoring.

REQUEST_ABOVE_LIMIT = ErrorKind(
    "request-above-limit",
    "Request above the limit",
    "The API server rejects a container that requests more than its limit.",
    "Lower the request, or raise the limit.",
)
ENVIRONMENT_TOO_LARGE = ErrorKind(
    "environment-too-large",
    "Environment too large",
    "The environment exceeds what a ConfigMap can hold, or what Linux accepts for one variable. The rollout would "
    "fail.",
    "Shorten the value, or mount it as a file with `podTemplate`.",
)
ENVIRONMENT_NOT_TEXT = ErrorKind(
    "environment-not-text",
    "Environment variable is not text",
    "The value contains a NUL character or an unpaired surrogate, which no environment variable can hold.",
    "Remove the character.",
)
VARIABLE_SET_TWICE = ErrorKind(
    "variable-set-twice",
    "Environment variable set twice",
    "Two settings set the same environment variable, so it is unclear which value the container receives.",
    "Remove the variable from one of the settings.",
)
ERROR_RATIO_WITHOUT_WINDOW = ErrorKind(
    "error-ratio-without-window",
    "Error ratio without $window",
    "The burn-rate alerts evaluate `monitoring.errorRatio` over windows from 5 minutes to 3 days, and the query has no "
    "place for them.",
    "Write `$window` in the place of the range, for example `rate(requests_total[$window])`.",
)

# Service mesh and edge.

WAYPOINT_IN_BACKEND_NAMESPACE = ErrorKind(
    "waypoint-in-backend-namespace",
    "Waypoint in the backend's namespace",
    "The backend's NetworkPolicies would reject the traffic of a waypoint in its own namespace.",
    "Deploy the waypoint in another namespace, and name that one.",
)
WAYPOINT_REQUIRED = ErrorKind(
    "waypoint-required",
    "Waypoint required",
    "In Istio's ambient mode, the proxy on a node forwards connections and does not see requests. Only a waypoint can "
    "retry requests or detect outliers.",
    "Set `meshOptions.waypoint`, or omit the setting.",
)
MESH_LABEL_IN_SELECTOR = ErrorKind(
    "mesh-label-in-selector",
    "Mesh label in the selector",
    "The label assigns the pods to a mesh, and a Deployment's selector is immutable, so the pods could never join the "
    "mesh that `mesh` names.",
    "Omit `mesh`, or create the backend anew under another name.",
)
MESH_OWNED_KEY = ErrorKind(
    "mesh-owned-key",
    "Label or annotation owned by the mesh",
    "`mesh` and `meshOptions` set this label or annotation. The promise rests on their values, such as a proxy that "
    "starts before the backend and stops after it.",
    "Omit the key, and use `meshOptions`.",
)
EDGE_OWNS_NODE_SELECTION = ErrorKind(
    "edge-owns-node-selection",
    "Node selection with edge",
    "With `edge`, the component writes the node affinity. Terms of node affinity are alternatives, so additional ones "
    "would admit nodes outside the site.",
    "Set `edge.pool` and `edge.architectures` instead.",
)
