"""What prevents the adoption of a running backend."""

from __future__ import annotations

from .kind import ErrorKind

NAMESPACE_MISSING = ErrorKind(
    "adoption-namespace-missing",
    "The namespace to adopt does not exist",
    "Adoption imports a running backend. Its namespace does not exist on this cluster, or the account may not see it.",
    "Set `backend.namespace` (or `backend.name`) to the namespace that the backend runs in.",
)
LIST_FORBIDDEN = ErrorKind(
    "adoption-list-forbidden",
    "The account may not read everything",
    "Adoption promises to change nothing that it has not seen. The account may not read some kinds of objects.",
    "Grant the account `get` and `list` on the kinds in the message.",
)
DEPLOYMENT_MISSING = ErrorKind(
    "adoption-deployment-missing",
    "The Deployment to adopt does not exist",
    "Adoption imports a running Deployment by its name.",
    "Set `backend.name` to the name of a Deployment in that namespace.",
)
NAMESPACE_SHARED = ErrorKind(
    "adoption-namespace-shared",
    "Other workloads run in the namespace",
    "The namespace gets network policies, a quota and default limits for everything in it. Other workloads could stop "
    "working.",
    "Set `backend.createNamespace: false`, and the stack leaves the namespace as it is. Or move "
    "the other workloads to another namespace first.",
)
OBJECT_OF_OTHERS = ErrorKind(
    "adoption-object-of-others",
    "Others use an object that the stack would adopt",
    "After an adoption, `pulumi up` changes the object to match the settings, and `make destroy` deletes it. Others "
    "who use the object would lose it.",
    "Create a separate object for the others, or omit this one from the settings.",
)
SELECTOR_DIFFERS = ErrorKind(
    "adoption-selector-differs",
    "The Deployment selects its pods differently",
    "A Deployment's selector is immutable. Another selector would replace the Deployment, which is an outage.",
    "Set `backend.selector` to the labels in the message. A selector with expressions cannot be adopted: deploy the "
    "backend under another name next to it.",
)
CAPACITY_REDUCED = ErrorKind(
    "adoption-capacity-reduced",
    "The settings allow fewer pods than run now",
    "Adoption promises that the first `pulumi up` takes no capacity away.",
    "Raise `replicas` or `autoscaling.maxReplicas` to the number in the message. You can lower it after the adoption.",
)
FOREIGN_MANAGER = ErrorKind(
    "adoption-foreign-manager",
    "Another tool manages the pod template",
    "Fields that another field manager owns stay in the pod template, and no change of the settings removes them.",
    "Remove the Deployment from that tool and transfer its fields: see the how-to page on adoption.",
)
SECOND_AUTOSCALER = ErrorKind(
    "adoption-second-autoscaler",
    "An existing autoscaler conflicts with the settings",
    "Exactly one owner may set the replica count: the settings, or one autoscaler with the backend's name.",
    "Delete the other autoscaler first (the replica count stays as it is), or keep `autoscaling.enabled: true`.",
)
SECOND_BUDGET = ErrorKind(
    "adoption-second-disruption-budget",
    "Another disruption budget selects the same pods",
    "A pod that two PodDisruptionBudgets select cannot be evicted, so a drain would hang.",
    "Delete the other PodDisruptionBudget first.",
)
SERVICE_HEADLESS = ErrorKind(
    "adoption-service-headless",
    "The Service cannot become a load balancer",
    "A headless Service (`clusterIP: None`) and one of type ExternalName cannot be changed in place to the Service "
    "that the settings describe.",
    "Rename the Service, or delete it once no client uses it.",
)
PORT_DIFFERS = ErrorKind(
    "adoption-port-differs",
    "The ports of the running Service or pods differ",
    "Adoption promises that clients keep reaching the backend during the first `pulumi up`.",
    "Set `servicePort` or `port` to the number in the message, or name the port in `overrides.service.spec.ports`. You "
    "can change it after the adoption.",
)
