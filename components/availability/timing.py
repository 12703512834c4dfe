"""The seconds and numbers that Kubernetes objects share, each computed in this one place. All times are whole seconds."""

from __future__ import annotations

import math
from decimal import Decimal

from ..settings import BackendSettings
from ..settings.mesh import PROXY_END
from ..settings.quantity import amount

# Taken from a pod's end by the kubelet's own work (signals, unmounting), so that the application keeps its whole drain time.
MARGIN = 5
# How the kubelet asks a pod how it is. A pod that does not answer is taken out after READINESS_FAILURES in a row, and started
# again after LIVENESS_FAILURES: slower to judge by design, because a restart costs more.
PROBE_PERIOD, PROBE_TIMEOUT = 5, 2
READINESS_FAILURES, LIVENESS_FAILURES = 2, 6
# A node counts as lost when its lease is this old: kube-controller-manager's node-monitor-grace-period since 1.32.
NODE_MONITOR_GRACE = 50
# That controller looks every node-monitor-period of 5 s: its clock starts when it has seen the last renewal, and its verdict
# waits for the next look.
NODE_MONITOR_LOOKS = 2 * 5
# It gives up one node of a zone after the other: node-eviction-rate, 0.1 a second, also where the whole zone is lost.
NODE_EVICTION_INTERVAL = 10
# An allowance for a load balancer to leave out what its check has found: none documents that time.
SWITCH = 1
SURGE_PERCENT = 25
# Metrics take about 75 s to reach a new autoscaler on default intervals; four times that is no longer a matter of waiting.
METRICS_WAIT = 300
# Kubernetes says that a rollout does not move when its deadline is over; the engine is given this much to have seen that.
VERDICT = 10
# For the engine then to ask the pods why, and to end.
REPORTING = 50
# What a container may write besides /tmp. The kubelet keeps 5 log files of 10 MiB (containerLogMaxFiles, containerLogMaxSize);
# clouds set up to 5 of 50 MiB, and a pod that writes more than its limit is evicted.
LOG_BYTES = 256 * 2**20


def grace_period(backend: BackendSettings) -> int:
    """terminationGracePeriodSeconds: the preStop sleep counts against it, then the application drains, then a proxy that a mesh
    has put beside it ends, then a margin."""
    return (
        backend.shutdown.deregistration_seconds
        + backend.shutdown.drain_seconds
        + PROXY_END * backend.has_proxy
        + MARGIN
    )


def noticed(failures: int) -> int:
    """Seconds until a probe has failed that often, of a pod that hangs just after it was asked."""
    return failures * PROBE_PERIOD + PROBE_TIMEOUT


def start(backend: BackendSettings) -> int:
    """Seconds until a new pod counts, at the worst."""
    return backend.seconds_before_start + backend.health.startup_seconds + backend.rollout.min_ready_seconds


def surge(replicas: int) -> int:
    """Extra pods during a rolling update; Kubernetes rounds the percentage up."""
    return math.ceil(replicas * SURGE_PERCENT / 100)


def waves(replicas: int) -> int:
    """In how many steps a rolling update replaces all pods."""
    return math.ceil(replicas / surge(replicas))


def rollout_timeout(backend: BackendSettings) -> int:
    """How long the engine waits for the Deployment.

    Every wave of surge pods may take its whole start; on top comes the deadline within which Kubernetes itself says that
    nothing moves any more. Never shorter than Kubernetes' own verdict.
    """
    return waves(backend.max_replicas) * start(backend) + backend.rollout.progress_deadline_seconds + VERDICT


def autoscaler_timeout(backend: BackendSettings) -> int:
    """How long the engine waits for the autoscaler, beside the Deployment: it reads its first metrics once pods run."""
    return max(rollout_timeout(backend), start(backend) + METRICS_WAIT)


def deletion_timeout(backend: BackendSettings) -> int:
    """How long the engine waits for pods to end, with a minute for everything else."""
    return grace_period(backend) + 60


def most_pods(backend: BackendSettings) -> int:
    """The most pods that are there at once, those on their way out included.

    A rollout at full scale has the largest number and its surge, and may have as many old ones still draining: the Deployment
    does not count those, a ResourceQuota does. Room for one more generation: a bad release is followed by the way back.
    """
    return 3 * backend.max_replicas + 2 * surge(backend.max_replicas)


def ephemeral_bytes(backend: BackendSettings) -> Decimal:
    """What the backend's container may write on its node altogether: /tmp and its logs."""
    return amount(backend.resources.tmp_size_limit) + LOG_BYTES


def ephemeral_storage(backend: BackendSettings, more: Decimal = Decimal(0)) -> str:
    """The same as a quantity, in MiB where it comes out even; ``more`` are volumes that it is to answer for."""
    whole = math.ceil(ephemeral_bytes(backend) + more)
    return f"{whole >> 20}Mi" if whole % 2**20 == 0 else str(whole)
