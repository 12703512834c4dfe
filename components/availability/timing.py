"""The seconds and numbers that Kubernetes objects share. Each is computed only here. All times are in seconds."""

from __future__ import annotations

import math
from decimal import Decimal

from ..settings import BackendSettings
from ..settings.mesh import PROXY_STOP_SECONDS
from ..settings.quantity import amount
from ..settings.share import pods_of

# The kubelet's own work when a pod terminates (signals, unmounting): added so that the application keeps its whole
# drain time.
GRACE_MARGIN = 5
# A node counts as lost when its lease is this old: kube-controller-manager's node-monitor-grace-period since 1.32.
NODE_MONITOR_GRACE = 50
# That controller looks every node-monitor-period of 5 s: its clock starts when it has seen the last renewal, and its
# verdict waits for the next round.
NODE_MONITOR_ROUNDS = 2 * 5
# It evicts the pods of one node of a zone after the other: node-eviction-rate is 0.1 a second, also if the whole zone
# is lost.
NODE_EVICTION_INTERVAL = 10
# An allowance for a load balancer to remove a target whose check has failed: none documents that time.
BALANCER_UPDATE = 1
# Metrics take about 75 s to reach a new autoscaler at default intervals. After four times as long, waiting does not
# help.
METRICS_WAIT = 300
# How long after the progress deadline the engine may take to notice Kubernetes' verdict.
DEADLINE_NOTICE = 10
# How long the engine may then take to diagnose the pods and to end.
DIAGNOSIS = 50
# What a container may write besides /tmp. The kubelet keeps 5 log files of 10 MiB (containerLogMaxFiles,
# containerLogMaxSize). Clouds set up to 5 of 50 MiB, and a pod that writes more than its limit is evicted.
LOG_BYTES = 256 * 2**20


def grace_period(backend: BackendSettings) -> int:
    """Return terminationGracePeriodSeconds.

    The preStop sleep counts against it. Then the application drains, then an injected mesh proxy ends, then a margin.
    """
    return (
        backend.shutdown.deregistration_seconds
        + backend.shutdown.drain_seconds
        + PROXY_STOP_SECONDS * backend.has_proxy
        + GRACE_MARGIN
    )


def pod_start(backend: BackendSettings) -> int:
    """Return the seconds until a new pod counts as available, in the worst case."""
    return backend.seconds_before_start + backend.start_seconds + backend.rollout.min_ready_seconds


def surge(backend: BackendSettings, replicas: int) -> int:
    """Return the number of extra pods during a rolling update. Kubernetes rounds a percentage up."""
    return pods_of(backend.rolling_update["maxSurge"], replicas)


def unavailable(backend: BackendSettings, replicas: int) -> int:
    """Return how many pods a rolling update may take before it has new ones. Kubernetes rounds a percentage down."""
    share = pods_of(backend.rolling_update["maxUnavailable"], replicas, round_up=False)
    # If both are nothing, Kubernetes takes one pod.
    return share or int(surge(backend, replicas) == 0)


def waves(backend: BackendSettings, replicas: int) -> int:
    """Return in how many steps a rolling update replaces all pods."""
    return math.ceil(replicas / (surge(backend, replicas) + unavailable(backend, replicas)))


def rollout_timeout(backend: BackendSettings) -> int:
    """Return how long the engine waits for the Deployment.

    Every wave of surge pods may take its whole start. The progress deadline comes on top: it is when Kubernetes itself
    reports a stall, and the engine never gives up before that.
    """
    return (
        waves(backend, backend.max_replicas) * pod_start(backend)
        + backend.rollout.progress_deadline_seconds
        + DEADLINE_NOTICE
    )


def autoscaler_timeout(backend: BackendSettings) -> int:
    """Return how long the engine waits for the autoscaler, which reads its first metrics once pods run."""
    return max(rollout_timeout(backend), pod_start(backend) + METRICS_WAIT)


def deletion_timeout(backend: BackendSettings) -> int:
    """Return how long the engine waits for pods to terminate, plus a minute for everything else."""
    return grace_period(backend) + 60


def max_pods(backend: BackendSettings) -> int:
    """Return the largest number of pods that exist at once, including terminating ones.

    A rollout at full scale has the largest replica count and its surge, and as many old pods may still be draining: the
    Deployment does not count those, a ResourceQuota does. One more generation is added for the rollback of a bad
    release.
    """
    job = int(backend.release_job is not None)
    return 3 * backend.max_replicas + 2 * surge(backend, backend.max_replicas) + job


def ephemeral_bytes(backend: BackendSettings) -> Decimal:
    """Return how many bytes the backend's container may write on its node: /tmp and its logs. 0: no limit is set."""
    size = backend.resources.tmp_size_limit
    return Decimal(0) if size is None else amount(size) + LOG_BYTES


def ephemeral_storage(backend: BackendSettings, volumes: Decimal = Decimal(0)) -> str | None:
    """Return the ephemeral storage as a quantity, in MiB if it is a whole number of them; None without a limit.

    ``volumes`` are the bytes of further volumes that count against the container.
    """
    if backend.resources.tmp_size_limit is None:
        return None
    whole = math.ceil(ephemeral_bytes(backend) + volumes)
    return f"{whole >> 20}Mi" if whole % 2**20 == 0 else str(whole)
