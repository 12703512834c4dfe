"""The embedded cluster: how its programs are obtained, how it is started, checked and removed.

This room knows nothing of the backend that will run on the cluster, and imports no Pulumi.
"""
