"""Names that several rooms must spell alike."""

CONTAINER = "backend"
"""The backend's own container in each pod."""
NAME_LABEL = "app.kubernetes.io/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
MANAGER_LABEL, MANAGER = "app.kubernetes.io/managed-by", "pulumi"
ZONE_LABEL = "topology.kubernetes.io/zone"
"""On nodes: the zone they are in."""
