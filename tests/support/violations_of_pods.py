"""Violations of rules about a pod: probes, termination, spread, images, privileges and resources."""

from __future__ import annotations

from tests.support.policy_stack import spread
from tests.support.policy_violations import (
    HOST,
    Violation,
    fixed_name,
    in_container,
    in_pod,
    one_pod_per_node,
    secure,
    shell_sleep,
)

# Rule, a change that violates it, and a part of the message.
POD_VIOLATIONS: tuple[tuple[str, Violation, str], ...] = (
    ("probe-readiness", in_container("readinessProbe")(None), "no container has a readinessProbe"),
    (
        "probe-liveness-apart",
        in_container("livenessProbe")({"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5}),
        "(15 s, readiness 15 s)",
    ),
    ("probe-startup", in_container("startupProbe")(None), "longer than 30 s"),
    ("probe-port", in_container("readinessProbe", "httpGet", "port")("web"), "'web'"),
    ("end-in-time", in_pod("terminationGracePeriodSeconds")(11), "preStop waits for 10 s of it"),
    ("end-in-time", lambda program: shell_sleep(program, "sh", "-c", "sleep 40"), "preStop waits for 40 s"),
    ("end-in-time", in_pod("terminationGracePeriodSeconds")(0), "is 0"),
    ("end-after-wait", in_container("lifecycle")(None), "no container has a preStop"),
    ("end-without-shell", lambda program: shell_sleep(program, "/bin/sleep", "10"), "preStop.sleep.seconds: 10"),
    (
        "end-without-shell",
        lambda program: shell_sleep(program, "/bin/sh", "-c", "sleep 10s"),
        "preStop.sleep.seconds: 10",
    ),
    ("spread-zones", in_pod("topologySpreadConstraints")([spread(HOST)]), "over topology.kubernetes.io/zone"),
    ("spread-nodes", in_pod("topologySpreadConstraints")([spread("topology.kubernetes.io/zone")]), f"over {HOST}"),
    ("spread-own-pods", in_pod("topologySpreadConstraints", 0, "labelSelector")(None), "has no labelSelector"),
    (
        "spread-own-pods",
        in_pod("topologySpreadConstraints", 0, "labelSelector")({"matchLabels": {"app": "a"}}),
        "{'app': 'a'}",
    ),
    ("spread-releases-apart", in_pod("topologySpreadConstraints", 0, "matchLabelKeys")(None), "add matchLabelKeys"),
    ("spread-soft-nodes", one_pod_per_node, "requires a node for each pod"),
    (
        "spread-lost-zone",
        in_pod("topologySpreadConstraints", 0)(
            {**spread("topology.kubernetes.io/zone"), "minDomains": 3, "whenUnsatisfiable": "DoNotSchedule"}
        ),
        "minDomains is 3",
    ),
    ("spread-any-node", in_pod("nodeSelector")({HOST: "n1"}), "is n1"),
    ("spread-any-node", in_pod("nodeName")("n1"), "nodeName is n1"),
    ("node-loss-seconds", in_pod("tolerations")(None), "replaced after 300 s"),
    ("node-loss-seconds", in_pod("tolerations", 0, "tolerationSeconds")(600), "tolerationSeconds is 600"),
    ("node-loss-seconds", in_pod("tolerations")([{"operator": "Exists"}]), "never replaced elsewhere"),
    ("image-version", in_container("image")("shop/web"), "without a tag"),
    ("image-version", in_container("image")("registry:5000/shop/web:latest"), "a tag that moves"),
    (
        "image-version",
        in_pod("initContainers")([{"name": "first", "image": "shop/first:main"}]),
        "initContainers[first]",
    ),
    ("image-digest", in_container("image")("shop/web:1.2"), "without a digest"),
    ("configuration-new-name", fixed_name, "metadata.name is settings, which the Deployment web reads"),
    ("configuration-new-name", lambda program: fixed_name(program, immutable=True), "metadata.name is settings"),
    (
        "api-served",
        lambda program: program.types.update(guard="kubernetes:policy/v1beta1:PodDisruptionBudget"),
        "use policy/v1",
    ),
    ("privilege-none", secure("privileged", True), "privileged is true"),
    ("privilege-fixed", secure("allowPrivilegeEscalation", True), "allowPrivilegeEscalation is true"),
    ("privilege-no-root", secure("runAsUser", 0), "user 0"),
    ("privilege-no-root", in_pod("securityContext", "runAsUser")(0), "user 0"),
    (
        "privilege-capabilities",
        secure("capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}),
        "SYS_ADMIN",
    ),
    ("privilege-own-namespaces", in_pod("hostNetwork")(True), "hostNetwork is true"),
    ("privilege-own-namespaces", in_pod("hostPID")(True), "hostPID is true"),
    (
        "privilege-own-files",
        in_pod("volumes")([{"name": "logs", "hostPath": {"path": "/var/log"}}]),
        "logs is the node's own /var/log",
    ),
    ("privilege-own-ports", in_container("ports", 0, "hostPort")(80), "hostPort is 80"),
    (
        "privilege-hardened",
        in_container("securityContext")(None),
        "readOnlyRootFilesystem: true, capabilities.drop: [ALL]",
    ),
    ("privilege-no-token", in_pod("automountServiceAccountToken")(None), "use false"),
    ("resources-requested", in_container("resources")(None), "lacks cpu and memory"),
    ("resources-bounded", in_container("resources", "limits")(None), "lacks memory"),
)
