"""Why a rendered object differs from the manifest, by the path of the field."""

from __future__ import annotations

import re
from typing import NamedTuple


class Explanation(NamedTuple):
    """The reason of a difference, and the promise that it serves. ``same``: the value means the same."""

    text: str
    promise: str = ""
    same: bool = False


_SECURITY = Explanation("the Pod Security Standard restricted requires it", "a broken-in pod does not reach its node")
_SPREAD = Explanation("pods are spread over nodes and zones", "the loss of a node or a zone takes few pods")
_STOP = Explanation(
    "a terminating pod keeps serving until no request is sent to it any more, then drains", "no request is lost"
)
_DISK = Explanation(
    "the temporary files are in a volume of the pod (resources.tmpSizeLimit)",
)
_OWNER = Explanation("labels of every object of the backend", same=True)
_TABLE: tuple[tuple[str, str, Explanation], ...] = tuple(
    (kinds, pattern, explanation)
    for kinds, pattern, explanation in (
        ("", r"metadata\.name$", Explanation("objects of a backend have its name", same=True)),
        ("", r"metadata\.namespace$", Explanation("the namespace is stated", same=True)),
        ("Deployment", r"spec\.template\.metadata\.labels", Explanation("a label of every pod of the backend")),
        ("", r"(.*\.)?metadata\.labels", _OWNER),
        ("Deployment", r".*\.volumeMounts\[.*\]\.name$", Explanation("the volume has another name", same=True)),
        ("Deployment", r".*\.volumeMounts\[/tmp\]|.*\.volumes\[tmp\]|.*ephemeral-storage$", _DISK),
        ("Deployment", r".*\.ports\[.*\]\.name$", Explanation("the port is named after its protocol", same=True)),
        ("Deployment", r".*\.sysctls", Explanation("a port below 1024 needs no root", "pods run without privileges")),
        ("Deployment", r".*\.readOnlyRootFilesystem$", Explanation("as the manifest leaves it", same=True)),
        ("Deployment", r".*[sS]ecurityContext", _SECURITY),
        ("Deployment", r".*\.(affinity|topologySpreadConstraints)", _SPREAD),
        (
            "Deployment",
            r".*\.tolerations",
            Explanation("pods leave a lost node after placement.tolerationSeconds", "a lost pod is replaced soon"),
        ),
        ("Deployment", r".*\.(terminationGracePeriodSeconds$|lifecycle\.preStop)", _STOP),
        (
            "Deployment",
            r".*\.enableServiceLinks$",
            Explanation("other Services do not change the environment", "a release starts as it was tested"),
        ),
        (
            "Deployment",
            r".*\.(serviceAccount|serviceAccountName|automountServiceAccountToken)$",
            Explanation("the pods have an account of their own", "a broken-in pod has no rights of others"),
        ),
        (
            "Deployment",
            r"spec\.strategy",
            Explanation("a new pod is ready before an old one ends", "a rollout takes no capacity"),
        ),
        (
            "Deployment",
            r"spec\.minReadySeconds$",
            Explanation("a pod that fails right after its start does not count", "a bad release stops early"),
        ),
        (
            "Deployment",
            r"spec\.(progressDeadlineSeconds|revisionHistoryLimit)$",
            Explanation("a release that makes no progress fails", "a failed release is reported and rolled back"),
        ),
        ("Deployment", r"spec\.replicas$", Explanation("the failure leaves pods that serve", "survive")),
        (
            "HorizontalPodAutoscaler",
            r"spec\.minReplicas$",
            Explanation("the failure leaves pods that serve", "survive"),
        ),
        ("Deployment", r"spec\.selector", Explanation("the selector in words of matchLabels", same=True)),
        ("Deployment", r".*\.resources\.", Explanation("the settings of the backend", "every pod finds a node")),
        ("Deployment", r".*\.(image|imagePullPolicy)$", Explanation("see the image")),
        ("Deployment", r".*\.(startup|readiness|liveness)Probe", Explanation("as the validation requires")),
        ("Deployment", r".*\.env\[.*\]\.value$", Explanation("an empty value", same=True)),
        (
            "Deployment",
            r".*\.resourceFieldRef\.containerName$",
            Explanation("the container is named backend", same=True),
        ),
        (
            "ServiceAccount",
            r"automountServiceAccountToken$",
            Explanation("the pods state it themselves", same=True),
        ),
        ("Deployment", r"spec\.template\.metadata\.name$", Explanation("a ReplicaSet names its pods", same=True)),
        ("Deployment", r".*\.annotations", Explanation("the container is named backend", same=True)),
        ("Service", r"spec\.ports\[.*\]\.(name|targetPort)$", Explanation("a port has a name", same=True)),
        ("Service", r"spec\.ports\[.*\]\.appProtocol$", Explanation("proxies read what the port speaks", same=True)),
        (
            "Service",
            r"spec\.externalTrafficPolicy$",
            Explanation("the load balancer checks each node for a ready pod", "the loss of a node is noticed"),
        ),
        (
            "Service",
            r"spec\.selector",
            Explanation("it selects by all labels of the Deployment's selector, so the same pods", same=True),
        ),
        ("Service", r"spec\.clusterIPs?$", Explanation("the cluster chooses the address", same=True)),
        (
            "HorizontalPodAutoscaler",
            r"spec\.(metrics|targetCPU)",
            Explanation("the backend's own container is measured", "a sidecar does not distort the load"),
        ),
        (
            "HorizontalPodAutoscaler",
            r"spec\.behavior",
            Explanation("it adds pods at once and removes them slowly", "a wave of load is carried"),
        ),
        ("HorizontalPodAutoscaler", r"spec\.scaleTargetRef", Explanation("the same Deployment", same=True)),
        (
            "PodDisruptionBudget",
            r"spec\.unhealthyPodEvictionPolicy$",
            Explanation("a pod that serves nothing blocks no drain", "nodes can be upgraded"),
        ),
        ("PodDisruptionBudget", r"spec\.selector", Explanation("it selects the same pods", same=True)),
        (
            "PodDisruptionBudget",
            r"spec\.(max|min)",
            Explanation("a drain takes at most what the failure takes", "survive"),
        ),
        ("Ingress", r"(spec\.rules|spec\.tls|metadata\.annotations|spec\.ingress)", Explanation("the same", same=True)),
    )
)


def explanation(kind: str, path: str) -> Explanation | None:
    """Return why a field differs; None if nothing general can be said."""
    for kinds, pattern, reason in _TABLE:
        if kinds in ("", kind) and re.match(pattern, path):
            return reason
    return None
