"""Rules about labels, the selector and the namespace."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ..backend import BackendSettings
from ..conflict import Conflict
from ..well_known import MANAGER_LABEL, NAME_LABEL

# Labels that this component or Kubernetes itself sets.
_RESERVED = (NAME_LABEL, MANAGER_LABEL, "pod-template-hash")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield reserved labels, labels that contradict the selector, and a reserved namespace."""
    for key, value in backend.labels.items():
        if _is_reserved(key):
            yield Conflict(
                f"labels.{key}",
                value,
                "is reserved by Kubernetes or by this component: choose another key, for example one that starts with "
                "your own domain and a slash",
                kind=contradictions.RESERVED_LABEL,
            )
        elif backend.selector.get(key, value) != value:
            yield Conflict(
                f"labels.{key}",
                value,
                f"is also in selector, with another value ({backend.selector[key]!r}): omit it from labels",
                ("selector",),
                kind=contradictions.LABEL_CONTRADICTS_SELECTOR,
            )
    if "pod-template-hash" in backend.selector:
        yield Conflict(
            "selector.pod-template-hash",
            backend.selector["pod-template-hash"],
            "is Kubernetes' own label of one ReplicaSet: use the labels in the Deployment's spec.selector.matchLabels",
            kind=contradictions.RESERVED_LABEL,
        )
    reserved = backend.namespace_name == "default" or backend.namespace_name.startswith("kube-")
    if reserved and backend.create_namespace:
        derived = "" if backend.namespace else "is the name of the backend, by default that of its namespace too, and "
        yield Conflict(
            "namespace",
            backend.namespace_name,
            f"{derived}is reserved by Kubernetes: set namespace to another name; if it exists, set createNamespace to "
            "false",
            ("name", "createNamespace"),
            kind=contradictions.RESERVED_NAMESPACE,
        )


def _is_reserved(key: str) -> bool:
    domain = f".{key.rpartition('/')[0]}"
    return key in _RESERVED or (domain != ".app.kubernetes.io" and domain.endswith((".kubernetes.io", ".k8s.io")))
