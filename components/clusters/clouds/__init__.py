"""Clouds. Each is one file with its settings and what Cluster API needs to create a cluster there. Pure."""
