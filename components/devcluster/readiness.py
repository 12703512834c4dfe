"""What a cluster that was started still lacks before it can be used."""

from __future__ import annotations

from collections.abc import Callable


def missing(ask: Callable[..., str], nodes: int) -> str | None:
    """What is not there yet, in words; None when all is, with that many nodes.

    ``ask`` runs kubectl with its words on the cluster, and gives what it prints, or nothing where it fails.
    """
    if not ask("get", "--raw", "/readyz"):
        return "the API server is not ready"
    ready = (
        ask(
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
        ask(
            "get",
            "apiservice",
            "v1beta1.metrics.k8s.io",
            "-o",
            r'jsonpath={.status.conditions[?(@.type=="Available")].status}',
        )
        != "True"
    ):
        return "metrics-server does not answer"
    if not ask("-n", "default", "get", "serviceaccount", "default", "-o", "name"):
        return "kube-controller-manager has not started its controllers"
    return None
