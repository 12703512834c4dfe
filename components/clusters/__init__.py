"""Kinds of cluster. Each is one file, with its settings and what a program does with them, and one registry line."""

# The models of the settings refer to one another across the two packages. Whichever package is imported first, its
# models load in this order.
from .. import settings  # noqa: F401
