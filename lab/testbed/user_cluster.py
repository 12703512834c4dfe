"""The testbed on a user's own cluster: drills on one backend that is deployed there already.

Only that backend is touched. Nodes are drained only after a yes, and are always uncordoned again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.inspection.client import Client, InspectionError
from components.preflight import PreflightError, reduced_file
from lab.drills.drill import NODES, TRAFFIC
from lab.drills.kube import DrillError, Kube
from lab.drills.model import Connections
from lab.drills.user_target import UserTarget
from lab.testbed import address, consent
from lab.testbed.context import Setup, supported_drills
from lab.testbed.permissions import DRAIN, KILL, LOOK, RESTART, missing
from lab.testbed.user_backend import UserBackend, as_text

RATE, MAX_RATE = 50, 500  # requests a second
CONNECTIONS: tuple[Connections, ...] = ("new",)


class UserClusterError(Exception):
    """Drills cannot run on this cluster; the message says what to do instead. Nothing was touched."""


@dataclass(frozen=True)
class UserClusterOptions:
    """The options. ``load``: send requests even to an address of another machine, ``rate`` a second.

    ``yes_nodes``: cordon and drain nodes without asking.
    """

    kubeconfig: str
    context: str
    namespace: str
    name: str = "backend-service"
    load: bool = False
    rate: int = RATE
    yes_nodes: bool = False


def prepare(options: UserClusterOptions, log: Callable[[str], None], ask: Callable[[str], str] | None) -> Setup:
    """Inspect the cluster, print the plan, and ask before nodes are touched. Changes nothing.

    ``ask`` prints a question and returns the answer; None without a terminal. Raises UserClusterError.
    """
    if not 1 <= options.rate <= MAX_RATE:
        raise UserClusterError(f"--rate: {options.rate} requests a second is out of range: use 1 to {MAX_RATE}")
    try:
        return _prepare(options, log, ask)
    except PreflightError as error:  # about the kubeconfig, whose message names the key already
        raise UserClusterError(f"{str(error).removeprefix('cluster.')}. Nothing was touched.") from None
    except (InspectionError, DrillError) as error:
        raise UserClusterError(f"context {options.context!r}: {error}. Nothing was touched.") from None


def _prepare(options: UserClusterOptions, log: Callable[[str], None], ask: Callable[[str], str] | None) -> Setup:
    kubeconfig = reduced_file(options.kubeconfig, options.context, "cluster")
    client = Client(kubeconfig, options.context)
    kube = Kube(client)
    if lacking := missing(client, options.namespace, LOOK):
        raise DrillError(f"the account may not {', '.join(lacking)}: grant it, nothing can be measured without it")
    deployment, service = _look_up(client, options)
    selector = as_text(client.AppsV1Api.api_client.sanitize_for_serialization(deployment.spec.selector))
    pods = kube.ready_pods(options.namespace, selector)
    if len(pods) < 2 or deployment.spec.replicas < 2:
        raise DrillError(
            f"Deployment {options.namespace}/{options.name} has {len(pods)} ready pods of {deployment.spec.replicas}: "
            "drills need at least 2; set it to 2 or more"
        )
    url, local = address.service_url(service)
    loaded = bool(url) and (local or options.load)
    backend = UserBackend(
        kube,
        options.namespace,
        options.name,
        selector,
        connections=CONNECTIONS if loaded else (),
        rate=options.rate,
    )
    target = UserTarget(client, {} if loaded else {TRAFFIC: _no_load(url)})
    excluded = _not_allowed(client, options, deployment)
    if "drain" not in excluded:
        excluded.update(consent.unsafe_drains(target, backend, pods))
    plan = _plan(options, backend, excluded, url if loaded else "")
    log("\n".join([f"On context {options.context}, Deployment {backend.title} and nothing else:", *plan]))
    if drains := [name for name in consent.DRAINS if name not in excluded]:
        drain_plan = (
            f"{' and '.join(drains)}: up to two nodes, or all of one zone, are cordoned for all pods of the cluster, "
            f"only pods of {backend.title} are evicted from them, and the nodes are uncordoned again. Its pods are on "
            f"{', '.join(sorted({pod.node for pod in pods}))}. {consent.describe_budget(backend)}"
        )
        consent.request(target, drain_plan, options.context, beforehand=options.yes_nodes, ask=ask)
        if NODES not in target.unsupported:
            log(f"  {drain_plan}")
    drills, unsupported = supported_drills(target, excluded)
    about = (
        ("cluster", f"context {options.context}, {backend.title}"),
        ("load", url if loaded else _no_load(url)),
        ("disruption budget", consent.describe_budget(backend)),
    )
    return Setup(target, (backend,), drills, unsupported, target.open_nodes, about)


def _plan(options: UserClusterOptions, backend: UserBackend, excluded: Mapping[str, str], url: str) -> Iterator[str]:
    if "rollout" not in excluded:
        yield "  rollout: a restart, as `kubectl rollout restart` does it"
    if "kill" not in excluded:
        yield "  kill: one pod is deleted with grace period 0, not SIGKILL in the container"
    kinds = " and ".join(f"{kind} connections" for kind in backend.connections)
    yield (
        f"  load: {options.rate} requests a second, GET {url}, on {kinds}"
        if url
        else "  no load: only endpoints are sampled"
    )


def _look_up(client: Client, options: UserClusterOptions) -> tuple[Any, Any]:
    """Return the Deployment and its Service. Raises DrillError."""
    name, namespace = options.name, options.namespace
    deployment = client.call(client.AppsV1Api.read_namespaced_deployment, name, namespace)
    if deployment is None:
        if client.call_if_permitted(client.CoreV1Api.read_namespace, namespace) is None:
            raise DrillError(f"there is no namespace {namespace!r}, or no permission to read it: use the backend's own")
        deployments = client.call(client.AppsV1Api.list_namespaced_deployment, namespace)
        names = (
            ", ".join(one.metadata.name for one in deployments.items) if deployments and deployments.items else "none"
        )
        raise DrillError(f"there is no Deployment {name!r} in namespace {namespace!r}: existing ones: {names}")
    if deployment.spec.paused:
        raise DrillError(f"Deployment {name!r} is paused, so no rollout would start: resume it")
    service = client.call(client.CoreV1Api.read_namespaced_service, name, namespace)
    if service is None:
        raise DrillError(
            f"there is no Service {name!r} in namespace {namespace!r} for the Deployment of that name: its endpoints "
            "are what drills measure"
        )
    return deployment, service


def _not_allowed(client: Client, options: UserClusterOptions, deployment: Any) -> dict[str, str]:
    """Return the drills that this Deployment or this account does not allow, by name, each with the reason."""
    reasons = {
        name: f"the account may not {', '.join(lacking)}"
        for names, actions in ((("rollout",), RESTART), (("kill",), KILL), (consent.DRAINS, DRAIN))
        if (lacking := missing(client, options.namespace, actions))
        for name in names
    }
    if deployment.spec.strategy.type == "Recreate":
        reasons["rollout"] = "its strategy Recreate deletes all pods before it creates new ones: a certain outage"
    return reasons


def _no_load(url: str) -> str:
    if not url:
        return "its Service has no load balancer address: endpoints only"
    return f"{url} is an address of another machine, which receives requests only with --load: endpoints only"
