"""Read-only inspection of a running API server: what the cluster is, and whether the backend is highly available.

Does not depend on Pulumi.
"""
