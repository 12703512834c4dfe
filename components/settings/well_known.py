"""Names that several packages must spell alike."""

CONTAINER = "backend"
"""Name of the backend's own container in each pod."""
NAME_LABEL = "app.kubernetes.io/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
MANAGER_LABEL, MANAGER = "app.kubernetes.io/managed-by", "pulumi"
PORT_START = "net.ipv4.ip_unprivileged_port_start"
"""Sysctl with the lowest port that a process may bind without root."""
ZONE_LABEL = "topology.kubernetes.io/zone"
"""Label of a node with the zone that it is in."""
HTTP_SCHEMES = ("HTTP", "HTTPS")
