"""Names of the components in other programs. They are a contract."""

PACKAGE = "ha-backend"
CLUSTER = f"{PACKAGE}:index:Cluster"
BACKEND = f"{PACKAGE}:index:HighlyAvailableBackend"
EMBEDDED = f"{PACKAGE}:local:EmbeddedCluster"
"""Not in the schema: a cluster of kind local registers it."""


def type_token(name: str) -> str:
    """Return the token of a group of settings, such as Autoscaling."""
    return f"{PACKAGE}:index:{name}"
