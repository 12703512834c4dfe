"""Settings that `make changes` does not change on a cluster, and those that change no object."""

# Another name, namespace or selector is another backend. For the rest, the embedded cluster has no support.
NOT_CHANGED = {
    "name",
    "namespace",
    "createNamespace",
    "selector",
    "autoscaling.owner",
    "autoscaling.triggers",
    "autoscaling.podMetrics",
    "autoscaling.externalMetrics",
    "placement.priorityClassName",
    *(
        f"ingress.{key}"
        for key in ("hosts", "className", "path", "paths", "tlsSecretName", "annotations", "endpointUpdateSeconds")
    ),
    *(
        f"route.{key}"
        for key in (
            "parentRefs",
            "hostnames",
            "kind",
            "rules",
            "path",
            "timeoutSeconds",
            "backendTimeoutSeconds",
            "retry.attempts",
            "retry.codes",
            "retry.backoffMilliseconds",
            "endpointUpdateSeconds",
        )
    ),
    "mesh",
    *(
        f"meshOptions.{key}"
        for key in (
            "controlPlaneNamespace",
            "revision",
            "waypoint",
            "proxy.requests",
            "proxy.limits",
            "retryAttempts",
            "outlierDetection.consecutiveFailures",
            "outlierDetection.ejectionSeconds",
        )
    ),
    *(f"monitoring.{key}" for key in ("scrape", "path", "intervalSeconds", "objectivePercent", "errorRatio", "labels")),
}
# They affect the promise and the validation, but no object.
ONLY_PROMISED = {"survive", "loadBalancer.healthCheckSeconds"}
