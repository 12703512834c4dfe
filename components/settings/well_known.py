"""Names that several packages must spell alike."""

CONTAINER = "backend"
"""Name of the backend's own container in each pod."""
NAME_LABEL = "app.kubernetes.io/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
MANAGER_LABEL, MANAGER = "app.kubernetes.io/managed-by", "pulumi"
ZONE_LABEL = "topology.kubernetes.io/zone"
"""Label of a node with the zone that it is in."""
HTTP_SCHEMES = ("HTTP", "HTTPS")
