"""The embedded cluster: obtains its programs, starts it, checks it and removes it.

This package does not depend on the backend that runs on the cluster, nor on Pulumi.
"""
