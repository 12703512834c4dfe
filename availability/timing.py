"""The seconds that Kubernetes objects share, each computed in this one place. All values are whole seconds."""

from __future__ import annotations

import math

from settings import BackendSettings

# Taken from a pod's end by the kubelet's own work (signals, unmounting), so that the application keeps its whole drain time.
MARGIN = 5
# A node counts as lost when its lease is this old: kube-controller-manager's node-monitor-grace-period since 1.32.
NODE_MONITOR_GRACE = 50
# How long pods stay bound to a lost node. Kubernetes' default of 300 leaves a service short for six minutes; below 30, a
# node that merely restarts its kubelet would lose its pods.
NODE_LOSS_TOLERATION = 30
SURGE_PERCENT = 25


def grace_period(backend: BackendSettings) -> int:
    """terminationGracePeriodSeconds: the preStop sleep counts against it, then the application drains, then a margin."""
    return backend.shutdown.deregistration_seconds + backend.shutdown.drain_seconds + MARGIN


def surge(replicas: int) -> int:
    """Extra pods during a rolling update; Kubernetes rounds the percentage up."""
    return math.ceil(replicas * SURGE_PERCENT / 100)


def rollout_timeout(backend: BackendSettings) -> int:
    """How long the engine waits for the Deployment.

    Every wave of surge pods may take its whole start; on top comes the deadline within which Kubernetes itself says that
    nothing moves any more, and a minute in which the engine can report that. Never shorter than Kubernetes' own verdict.
    """
    waves = math.ceil(backend.max_replicas / surge(backend.max_replicas))
    per_wave = backend.health.startup_seconds + backend.rollout.min_ready_seconds
    return waves * per_wave + backend.rollout.deadline_seconds + 60


def deletion_timeout(backend: BackendSettings) -> int:
    """How long the engine waits for pods to end, with a minute for everything else."""
    return grace_period(backend) + 60


def node_loss_recovery(backend: BackendSettings) -> int:
    """Seconds from a node's loss until its pods run elsewhere: noticed, tolerated, started again."""
    return NODE_MONITOR_GRACE + NODE_LOSS_TOLERATION + backend.health.startup_seconds + backend.rollout.min_ready_seconds
