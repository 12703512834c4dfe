"""The one error this room raises for what a user can act on."""


class LocalError(Exception):
    """A problem with the embedded cluster; the text says what is wrong and what would be right."""
