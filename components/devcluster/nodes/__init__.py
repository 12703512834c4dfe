"""Real nodes without Docker: each runs containerd, kubelet and kube-proxy in its own network namespace.

They are isolated: a node reaches the other nodes, the API server and the load balancer, and nothing outside. Linux
only, as root.
"""
