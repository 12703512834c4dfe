"""The errors this room raises for what a user can act on."""


class LocalError(Exception):
    """A problem with the embedded cluster; the text says what is wrong and what would be right."""


class LostStartError(LocalError):
    """A start that was lost to what else goes on on this machine, such as a port that was taken: another one may succeed."""
