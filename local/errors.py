"""The errors this room raises for what a user can act on."""


class LocalError(Exception):
    """A problem with the embedded cluster; the text says what is wrong and what would be right."""


class PortTakenError(LocalError):
    """One of the cluster's programs cannot listen, because another program does."""
