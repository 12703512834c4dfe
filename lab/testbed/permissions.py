"""The permissions of an account, as the API server reports them, checked before anything is touched."""

from __future__ import annotations

from components.inspection.client import Client

# (verb, group, resource); nodes belong to no namespace.
Action = tuple[str, str, str]
LOOK: tuple[Action, ...] = (
    ("get", "apps", "deployments"),
    ("get", "", "services"),
    ("list", "", "pods"),
    ("list", "discovery.k8s.io", "endpointslices"),
)
RESTART: tuple[Action, ...] = (("patch", "apps", "deployments"),)
KILL: tuple[Action, ...] = (("delete", "", "pods"),)
DRAIN: tuple[Action, ...] = (
    ("create", "", "pods/eviction"),
    ("list", "", "nodes"),
    ("patch", "", "nodes"),
    ("list", "policy", "poddisruptionbudgets"),
)
_CLUSTER_WIDE = {"nodes"}


def missing(client: Client, namespace: str, actions: tuple[Action, ...]) -> list[str]:
    """Return the actions that the account is not allowed. Raises InspectionError without an API server."""
    return [
        f"{verb} {resource}{'' if resource in _CLUSTER_WIDE else f' in namespace {namespace}'}"
        for verb, group, resource in actions
        if not _may(client, namespace, verb, group, resource)
    ]


def _may(client: Client, namespace: str, verb: str, group: str, resource: str) -> bool:
    kind, _, part = resource.partition("/")
    attributes = {
        "verb": verb,
        "group": group,
        "resource": kind,
        "subresource": part,
        "namespace": "" if kind in _CLUSTER_WIDE else namespace,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    review = client.call(client.AuthorizationV1Api.create_self_subject_access_review, body)
    return bool(review and review.status.allowed)
