"""Asks a running API server: what the cluster is, and whether the backend on it really is highly available. No Pulumi."""
