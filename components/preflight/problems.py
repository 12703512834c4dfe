"""The one error of this room."""


class PreflightError(Exception):
    """Something around the program is not as it must be; the text names it and says what would be right."""
