"""Settings that are each right and contradict one another, whatever the cluster: all of them are told at once."""

from __future__ import annotations

from collections.abc import Iterator

from . import mesh_consistency
from .backend import BackendSettings
from .conflict import Conflict
from .ingress import ENDPOINT_KNOWN, notice
from .load_balancer import ENDPOINT_SYNC
from .monitoring import WINDOW
from .pod_template import conflicts as additions
from .pod_template import reader
from .pod_template.scheduling import ARCHITECTURE
from .quantity import amount
from .well_known import COMPONENT_LABEL, MANAGER_LABEL, NAME_LABEL

# Set by this component or by Kubernetes itself.
_OWN_LABELS = (NAME_LABEL, COMPONENT_LABEL, MANAGER_LABEL, "pod-template-hash")

# MAX_ARG_STRLEN of Linux; the most that the API server takes in one ConfigMap.
_VARIABLE_BYTES, _CONFIG_BYTES = 131_072, 1_048_576


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Every contradiction; keys are relative to the backend."""
    scaling, health, rollout = backend.autoscaling, backend.health, backend.rollout
    if scaling.enabled and scaling.max_replicas <= backend.replicas:
        yield Conflict(
            "autoscaling.maxReplicas",
            scaling.max_replicas,
            f"must be above replicas ({backend.replicas}): raise "
            "it, lower replicas, or set autoscaling.enabled to false",
            ("replicas", "autoscaling.enabled"),
        )
    if scaling.enabled and not any(
        (scaling.cpu_percent, scaling.memory_percent, scaling.pod_metrics, scaling.external_metrics)
    ):
        yield Conflict(
            "autoscaling.cpuPercent",
            None,
            "leaves the autoscaler without any metric: set it, for example to 60, or name another metric",
            (
                "autoscaling.memoryPercent",
                "autoscaling.podMetrics",
                "autoscaling.externalMetrics",
                "autoscaling.enabled",
            ),
        )
    for number, destination in enumerate(backend.network.egress):
        if (destination.cidr is None) == (destination.namespace is None):
            yield Conflict(
                f"network.egress[{number}]",
                destination.model_dump(by_alias=True, exclude_unset=True),
                "must name either a cidr or a namespace: make two entries of it, or add the one that is missing",
                ("network.egress",),
            )
    for key in backend.labels:
        domain = f".{key.rpartition('/')[0]}"
        if key in _OWN_LABELS or (domain != ".app.kubernetes.io" and domain.endswith((".kubernetes.io", ".k8s.io"))):
            yield Conflict(
                f"labels.{key}",
                backend.labels[key],
                "is under a name that is not yours to set: choose another "
                "key, for example with your own domain before the slash",
            )
        elif backend.selector.get(key, backend.labels[key]) != backend.labels[key]:
            yield Conflict(
                f"labels.{key}",
                backend.labels[key],
                f"is also in selector, with another value ({backend.selector[key]!r}): leave it out here",
                ("selector",),
            )
    if "pod-template-hash" in backend.selector:
        yield Conflict(
            "selector.pod-template-hash",
            backend.selector["pod-template-hash"],
            "is Kubernetes' own label of one release: name the labels that the Deployment's selector names",
        )
    if backend.network.allow_metrics_from and backend.metrics_port is None:
        yield Conflict(
            "network.allowMetricsFrom",
            backend.network.allow_metrics_from,
            "opens a port that is not there: set metricsPort",
            ("metricsPort",),
        )
    if backend.namespace_name == "default" or backend.namespace_name.startswith("kube-"):
        yield Conflict(
            "namespace" if backend.namespace else "name",
            backend.namespace_name,
            "is a namespace of Kubernetes' own, and one is made for the backend alone: choose another name",
        )
    for key in ("cpu", "memory"):
        request, limit = (getattr(part, key) for part in (backend.resources.requests, backend.resources.limits))
        if amount(request) > amount(limit):
            yield Conflict(
                f"resources.requests.{key}",
                request,
                f"must not be above resources.limits.{key} ({limit}): lower the request, or raise the limit",
                (f"resources.limits.{key}",),
            )
    if backend.metrics_port == backend.port:
        yield Conflict(
            "metricsPort", backend.metrics_port, "is already the container's port: choose another", ("port",)
        )
    if health.readiness_path == health.liveness_path:
        yield Conflict(
            "health.livenessPath",
            health.liveness_path,
            "must differ from health.readinessPath: a pod that is merely not ready must not be restarted",
            ("health.readinessPath",),
        )
    before = backend.seconds_before_start
    if before + rollout.min_ready_seconds + health.startup_seconds >= rollout.progress_deadline_seconds:
        mesh = ", a mesh's proxy" if backend.has_proxy else ""
        others = (
            f" + what starts before it ({before}: health.initSeconds, startup probes of sidecars{mesh})"
            if before
            else ""
        )
        yield Conflict(
            "rollout.progressDeadlineSeconds",
            rollout.progress_deadline_seconds,
            f"must be above health.startupSeconds ({health.startup_seconds}) + rollout.minReadySeconds "
            f"({rollout.min_ready_seconds}){others}: a slow start would fail the rollout",
            ("health.startupSeconds", "rollout.minReadySeconds", "health.initSeconds", "podTemplate"),
        )
    yield from _edge(backend)
    yield from _shutdown(backend)
    yield from _ways_in(backend)
    yield from mesh_consistency.conflicts(backend)
    yield from _monitoring(backend)
    yield from _environment(backend.environment)
    yield from additions.conflicts(backend)
    names = backend.generated_secrets.names
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield Conflict("generatedSecrets.names", twice, "is named more than once: each variable is named once")
    for both in sorted(set(names) & set(backend.environment)):
        yield Conflict(
            "generatedSecrets.names", both, "is also in environment: a variable has one source", ("environment",)
        )


def _edge(backend: BackendSettings) -> Iterator[Conflict]:
    """A second choice of nodes: terms of node affinity widen one another, so the first would no longer hold."""
    if not backend.edge:
        return
    pod = reader.pod(backend.pod_template)
    if pod.get("nodeSelector"):
        yield Conflict(
            "podTemplate.spec.nodeSelector",
            pod["nodeSelector"],
            "has a setting of its own with edge: set edge.pool",
            ("edge",),
        )
    if "nodeAffinity" in (pod.get("affinity") or {}):
        yield Conflict(
            "podTemplate.spec.affinity.nodeAffinity",
            pod["affinity"]["nodeAffinity"],
            "has settings of its own with edge: set edge.pool and edge.architectures",
            ("edge",),
        )
    if ARCHITECTURE in backend.edge.pool:
        yield Conflict(
            f"edge.pool.{ARCHITECTURE}",
            backend.edge.pool[ARCHITECTURE],
            "has a setting of its own: set edge.architectures",
        )
    if backend.placement.toleration_seconds != type(backend.placement).model_fields["toleration_seconds"].default:
        yield Conflict(
            "placement.tolerationSeconds",
            backend.placement.toleration_seconds,
            "has no effect with edge, where pods stay for as long as the link is down: leave it out, or leave edge out",
            ("edge",),
        )


def _shutdown(backend: BackendSettings) -> Iterator[Conflict]:
    """A pod that ends while it is still sent requests, by any of the ways in: nobody answers them."""
    given, balancer = backend.shutdown.deregistration_seconds, backend.load_balancer
    check = balancer.health_check_seconds
    if balancer.enabled and balancer.external_traffic_policy == "Local" and given < check + ENDPOINT_SYNC:
        yield Conflict(
            "shutdown.deregistrationSeconds",
            given,
            "is too short where loadBalancer.externalTrafficPolicy is "
            "Local: the load balancer notices that a node's pod is going only after loadBalancer.healthCheckSeconds "
            f"({check}) + {ENDPOINT_SYNC}: raise it to {check + ENDPOINT_SYNC}",
            ("loadBalancer.healthCheckSeconds", "loadBalancer.externalTrafficPolicy", "loadBalancer.enabled"),
        )
    for key, seconds in notice(backend.ingress, backend.route).items():
        if given < seconds + ENDPOINT_KNOWN:
            yield Conflict(
                "shutdown.deregistrationSeconds",
                given,
                "is too short: a pod that is going is sent requests for "
                f"{key} ({seconds}) + {ENDPOINT_KNOWN}: raise it to {seconds + ENDPOINT_KNOWN}",
                (key,),
            )


def _ways_in(backend: BackendSettings) -> Iterator[Conflict]:
    """Ways in that are described and lead nowhere, or cannot be closed as it is said."""
    for name, group, first, names in (
        ("ingress", backend.ingress, "hosts", backend.ingress.hosts),
        ("route", backend.route, "parentRefs", backend.route.parent_refs),
    ):
        besides = [
            str(info.alias)
            for field, info in type(group).model_fields.items()
            if getattr(group, field) != info.get_default(call_default_factory=True)
        ]
        if besides and not names:
            yield Conflict(
                f"{name}.{first}",
                list(names),
                f"says of no way in what {', '.join(besides)} should hold for: name one, or leave the rest out too",
                (name,),
            )
    yield from _attempts(backend)
    for key, hosts in (("ingress.hosts", backend.ingress.hosts), ("route.hostnames", backend.route.hostnames)):
        for twice in sorted({host for host in hosts if hosts.count(host) > 1}):
            yield Conflict(key, twice, "is named more than once: each name is named once")
    if backend.network.allow_from and backend.load_balancer.enabled:
        yield Conflict(
            "network.allowFrom",
            backend.network.allow_from,
            "cannot hold: a load balancer's requests come from "
            "the addresses of nodes: leave it out, or set loadBalancer.enabled to false",
            ("loadBalancer.enabled",),
        )


def _attempts(backend: BackendSettings) -> Iterator[Conflict]:
    """Times of a route that do not fit into one another, and what is said of attempts that are not made."""
    route, drain = backend.route, backend.shutdown.drain_seconds
    attempt = route.backend_timeout_seconds
    if attempt is not None and route.timeout_seconds is not None and attempt > route.timeout_seconds:
        yield Conflict(
            "route.backendTimeoutSeconds",
            attempt,
            "must not be above route.timeoutSeconds "
            f"({route.timeout_seconds}), which holds for all attempts together: lower it, or raise the other",
            ("route.timeoutSeconds",),
        )
    if attempt is not None and attempt > drain:
        yield Conflict(
            "route.backendTimeoutSeconds",
            attempt,
            f"must not be above shutdown.drainSeconds ({drain}): an attempt "
            f"that takes longer is cut off when its pod ends: lower it, or raise the other to {attempt}",
            ("shutdown.drainSeconds",),
        )
    codes = route.retry.codes
    if route.retry.attempts is None and (codes or route.retry.backoff_milliseconds is not None):
        yield Conflict(
            "route.retry.attempts",
            None,
            "says of no attempt what codes and backoffMilliseconds should hold for: "
            "set it, for example to 2, or leave the rest out too",
            ("route.retry",),
        )
    for twice in sorted({code for code in codes if codes.count(code) > 1}):
        yield Conflict("route.retry.codes", twice, "is named more than once: each code is named once")


def _monitoring(backend: BackendSettings) -> Iterator[Conflict]:
    """What would be read by nobody, or from nowhere, or tells nobody anything."""
    wanted = backend.monitoring
    if wanted.scrape and backend.metrics_port is None:
        yield Conflict("monitoring.scrape", True, "reads a port that is not there: set metricsPort", ("metricsPort",))
    elif wanted.scrape and not backend.network.allow_metrics_from:
        yield Conflict(
            "monitoring.scrape",
            True,
            "is refused by the NetworkPolicy: name the namespace of Prometheus in network.allowMetricsFrom",
            ("network.allowMetricsFrom",),
        )
    if wanted.error_ratio is not None and wanted.objective_percent is None:
        yield Conflict(
            "monitoring.errorRatio",
            wanted.error_ratio,
            "is compared with nothing: set monitoring.objectivePercent, for example to 99.9",
            ("monitoring.objectivePercent",),
        )
    if wanted.error_ratio is not None and WINDOW not in wanted.error_ratio:
        yield Conflict(
            "monitoring.errorRatio",
            wanted.error_ratio,
            f"has no {WINDOW}, for which windows from 5m to 3d are put "
            f"in: write it where the range is, for example [{WINDOW}]",
        )


def _environment(environment: dict[str, str]) -> Iterator[Conflict]:
    """What neither a ConfigMap nor a process can hold."""
    for name, value in environment.items():
        size = len(f"{name}={value}".encode(errors="surrogatepass")) + 1
        if size > _VARIABLE_BYTES:
            yield Conflict(
                f"environment.{name}",
                value,
                f"is {size} bytes long with its name, and Linux starts no program "
                f"with a variable above {_VARIABLE_BYTES}: shorten it, or put it where the backend reads files",
            )
        elif "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            yield Conflict(
                f"environment.{name}", value, "holds a NUL or half a character, which no environment can: leave it out"
            )
    total = sum(len(name) + len(value.encode(errors="surrogatepass")) for name, value in environment.items())
    if total > _CONFIG_BYTES:
        yield Conflict(
            "environment",
            f"{total} bytes",
            f"is more than a ConfigMap holds, {_CONFIG_BYTES}: shorten it, or put it where the backend reads files",
        )
