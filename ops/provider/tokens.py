"""The names by which programs of others know the components. They are a contract."""

PACKAGE = "ha-backend"
CLUSTER = f"{PACKAGE}:index:Cluster"
BACKEND = f"{PACKAGE}:index:HighlyAvailableBackend"
EMBEDDED = f"{PACKAGE}:local:EmbeddedCluster"
"""Not in the schema: a cluster of kind local makes it."""


def type_token(name: str) -> str:
    """The token of a group of settings, e.g. of Autoscaling."""
    return f"{PACKAGE}:index:{name}"
