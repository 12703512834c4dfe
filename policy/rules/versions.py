"""Versions of the Kubernetes API that no supported cluster serves."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import MANDATORY, Rule, Subject

# By API version: the Kubernetes release that removed it, and its successor.
_REMOVED = {
    "extensions/v1beta1": ("1.22", "apps/v1, networking.k8s.io/v1"),
    "apps/v1beta1": ("1.16", "apps/v1"),
    "apps/v1beta2": ("1.16", "apps/v1"),
    "policy/v1beta1": ("1.25", "policy/v1"),
    "autoscaling/v2beta1": ("1.25", "autoscaling/v2"),
    "autoscaling/v2beta2": ("1.26", "autoscaling/v2"),
    "batch/v1beta1": ("1.25", "batch/v1"),
    "batch/v2alpha1": ("1.21", "batch/v1"),
    "networking.k8s.io/v1beta1": ("1.22", "networking.k8s.io/v1"),
    "rbac.authorization.k8s.io/v1beta1": ("1.22", "rbac.authorization.k8s.io/v1"),
    "scheduling.k8s.io/v1beta1": ("1.22", "scheduling.k8s.io/v1"),
    "discovery.k8s.io/v1beta1": ("1.25", "discovery.k8s.io/v1"),
    "coordination.k8s.io/v1beta1": ("1.22", "coordination.k8s.io/v1"),
    "storage.k8s.io/v1beta1": ("1.27", "storage.k8s.io/v1"),
    "apiextensions.k8s.io/v1beta1": ("1.22", "apiextensions.k8s.io/v1"),
    "apiregistration.k8s.io/v1beta1": ("1.22", "apiregistration.k8s.io/v1"),
    "admissionregistration.k8s.io/v1beta1": ("1.22", "admissionregistration.k8s.io/v1"),
}
_STILL_SERVED = {  # kinds of those versions that were added later or never removed
    "networking.k8s.io/v1beta1": ("IPAddress", "ServiceCIDR"),
    "storage.k8s.io/v1beta1": ("VolumeAttributesClass",),
    "coordination.k8s.io/v1beta1": ("LeaseCandidate",),
    "admissionregistration.k8s.io/v1beta1": (
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    ),
}


def _removed(subject: Subject) -> Iterator[str]:
    version, kind = subject.resource.api_version, subject.resource.kind
    if version in _REMOVED and kind.removesuffix("List") not in _STILL_SERVED.get(version, ()):
        release, instead = _REMOVED[version]
        yield f"{version} {kind} was removed in Kubernetes {release}: the API server rejects it; use {instead}"


RULES = (Rule("api-served", MANDATORY, "The API server still serves the object's API version.", (), _removed),)
