"""Sets a stage on a cluster of the user's own: drills on one backend that runs there, whoever has deployed it.

Nothing but that backend is touched. Nodes only after a yes, and they are opened again whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.inspection.client import Client, InspectionError
from components.preflight import PreflightError, access
from components.settings import ExistingCluster
from lab.drills.drill import NODES, TRAFFIC
from lab.drills.kube import DrillError, Kube
from lab.drills.model import Connections
from lab.drills.user_target import TheirGround
from lab.testbed import address, consent
from lab.testbed.context import Setting, chosen
from lab.testbed.permissions import DRAIN, KILL, LOOK, RESTART, missing
from lab.testbed.user_backend import TheirBackend, as_text

RATE, MOST_RATE = 50, 500  # requests a second
CONNECTIONS: tuple[Connections, ...] = ("new",)


class TheirsError(Exception):
    """Drills cannot begin there; the text names what is wrong and says what would be right. Nothing was touched."""


@dataclass(frozen=True)
class Theirs:
    """What was asked for. ``load``: send requests even to an address that is not this machine's; ``rate`` a second.

    ``yes_nodes``: nodes may be closed and drained, without a question.
    """

    kubeconfig: str
    context: str
    namespace: str
    name: str = "backend-service"
    load: bool = False
    rate: int = RATE
    yes_nodes: bool = False


def theirs(asked: Theirs, log: Callable[[str], None], ask: Callable[[str], str] | None) -> Setting:
    """Looks, says what will be done, and asks before nodes are touched; changes nothing itself.

    ``ask`` puts a question to the user and gives the answer; None where nobody is there to answer. Raises TheirsError.
    """
    if not 1 <= asked.rate <= MOST_RATE:
        raise TheirsError(
            f"--rate: {asked.rate} requests a second are not sent to somebody's cluster; right would be from 1 "
            f"to {MOST_RATE}"
        )
    try:
        return _set(asked, log, ask)
    except PreflightError as error:  # of the kubeconfig, whose words name the key already
        raise TheirsError(f"{str(error).removeprefix('ha-backend:cluster.')}. Nothing was touched.") from None
    except (InspectionError, DrillError) as error:
        raise TheirsError(f"context {asked.context!r}: {error}. Nothing was touched.") from None


def _set(asked: Theirs, log: Callable[[str], None], ask: Callable[[str], str] | None) -> Setting:
    reduced = access(ExistingCluster(kind="existing", kubeconfig=asked.kubeconfig, context=asked.context))
    client = Client(reduced, asked.context)
    kube = Kube(client)
    if lacking := missing(client, asked.namespace, LOOK):
        raise DrillError(f"the account may not {', '.join(lacking)}, without which nothing can be measured: let it")
    deployment, service = _found(client, asked)
    selector = as_text(client.AppsV1Api.api_client.sanitize_for_serialization(deployment.spec.selector))
    pods = kube.ready_pods(asked.namespace, selector)
    if len(pods) < 2 or deployment.spec.replicas < 2:
        raise DrillError(
            f"Deployment {asked.namespace}/{asked.name} has {len(pods)} ready pods of {deployment.spec.replicas}: "
            "nothing to drill below 2; set it to 2 or more"
        )
    where, own = address.of_service(service)
    loaded = bool(where) and (own or asked.load)
    backend = TheirBackend(
        kube, asked.namespace, asked.name, selector, connections=CONNECTIONS if loaded else (), rate=asked.rate
    )
    ground = TheirGround(client, {} if loaded else {TRAFFIC: _no_load(where)})
    besides = _not_allowed(client, asked, deployment)
    if "drain" not in besides:
        besides.update(consent.senseless(ground, backend, pods))
    log(
        "\n".join(
            [
                f"On context {asked.context}, to Deployment {backend.title} and nothing else:",
                *_plan(asked, backend, besides, where if loaded else ""),
            ]
        )
    )
    if drains := [name for name in consent.DRAINS if name not in besides]:
        what = (
            f"{' and '.join(drains)}: up to two nodes, or all of one zone, are closed to all new pods of the cluster, the "
            f"pods of {backend.title} are evicted from there and no others, and they are opened again. Its pods are on "
            f"{', '.join(sorted({pod.node for pod in pods}))}. {consent.budget(backend)}"
        )
        consent.obtain(ground, what, asked.context, beforehand=asked.yes_nodes, ask=ask)
        if NODES not in ground.cannot:
            log(f"  {what}")
    drills, skipped = chosen(ground, besides)
    about = (
        ("cluster", f"context {asked.context}, {backend.title}"),
        ("load", where if loaded else _no_load(where)),
        ("disruption budget", consent.budget(backend)),
    )
    return Setting(ground, (backend,), drills, skipped, ground.open_nodes, about)


def _plan(asked: Theirs, backend: TheirBackend, besides: Mapping[str, str], url: str) -> Iterator[str]:
    if "rollout" not in besides:
        yield "  rollout: a restart, as `kubectl rollout restart` does it"
    if "kill" not in besides:
        yield "  kill: one pod deleted with grace period 0, which is not SIGKILL from inside"
    kinds = " and ".join(f"{kind} connections" for kind in backend.connections)
    yield (
        f"  load: {asked.rate} requests a second, GET {url}, on {kinds}"
        if url
        else "  no load: endpoints are watched only"
    )


def _found(client: Client, asked: Theirs) -> tuple[Any, Any]:
    deployment = client.ask(client.AppsV1Api.read_namespaced_deployment, asked.name, asked.namespace)
    if deployment is None:
        if client.glance(client.CoreV1Api.read_namespace, asked.namespace) is None:
            raise DrillError(
                f"there is no namespace {asked.namespace!r}, or it may not be seen: name the backend's own"
            )
        known = client.ask(client.AppsV1Api.list_namespaced_deployment, asked.namespace)
        names = ", ".join(one.metadata.name for one in known.items) if known and known.items else "none"
        raise DrillError(f"there is no Deployment {asked.name!r} in namespace {asked.namespace!r}; there: {names}")
    if deployment.spec.paused:
        raise DrillError(f"Deployment {asked.name!r} is paused, so that nothing is rolled out: resume it")
    service = client.ask(client.CoreV1Api.read_namespaced_service, asked.name, asked.namespace)
    if service is None:
        raise DrillError(
            f"there is no Service {asked.name!r} in namespace {asked.namespace!r} beside the Deployment of that "
            "name: its endpoints are what is measured"
        )
    return deployment, service


def _not_allowed(client: Client, asked: Theirs, deployment: Any) -> dict[str, str]:
    """Drills that this Deployment, or this account, does not allow."""
    found = {
        name: f"the account may not {', '.join(lacking)}"
        for names, what in ((("rollout",), RESTART), (("kill",), KILL), (consent.DRAINS, DRAIN))
        if (lacking := missing(client, asked.namespace, what))
        for name in names
    }
    if deployment.spec.strategy.type == "Recreate":
        found["rollout"] = (
            "its strategy is Recreate, which ends all pods before it starts new ones: an outage for certain"
        )
    return found


def _no_load(where: str) -> str:
    if not where:
        return "its Service has no load balancer's address: endpoints only"
    return f"{where} is not this machine's own address, and gets no request unless --load says so: endpoints only"
