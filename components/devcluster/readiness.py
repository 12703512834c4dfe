"""Whether a started cluster is ready for use."""

from __future__ import annotations

from collections.abc import Callable


def missing(kubectl: Callable[..., str], nodes: int) -> str | None:
    """Return what is not ready yet; None if everything is, with ``nodes`` ready nodes.

    ``kubectl`` runs kubectl with the given arguments on the cluster and returns its output; empty if it fails.
    """
    if not kubectl("get", "--raw", "/readyz"):
        return "the API server is not ready"
    ready = (
        kubectl(
            "get",
            "nodes",
            "-o",
            r'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}',
        )
        .split()
        .count("True")
    )
    if ready < nodes:
        return f"{ready} of {nodes} nodes are ready"
    if (
        kubectl(
            "get",
            "apiservice",
            "v1beta1.metrics.k8s.io",
            "-o",
            r'jsonpath={.status.conditions[?(@.type=="Available")].status}',
        )
        != "True"
    ):
        return "metrics-server does not respond"
    if not kubectl("-n", "default", "get", "serviceaccount", "default", "-o", "name"):
        return "kube-controller-manager has not started its controllers"
    return None
