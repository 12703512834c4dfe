"""Stable ids for every error that a user can act on.

Each message ends with its id in brackets, such as ``[replicas-too-few]``. The id is a heading in
``docs/reference/errors.md``, which is generated from the catalogues in this package. Ids are a contract:
never reuse one, and never change what one means.
"""

from .kind import ErrorKind, tagged

__all__ = ["ErrorKind", "tagged"]
