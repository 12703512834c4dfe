"""Kinds of cluster: each is one file, and a line in the registry."""
