"""Real nodes without Docker: each a containerd, a kubelet and a kube-proxy in a network namespace of its own.

They are sealed: from a node there is a way to the other nodes, to the API server and to the load balancer, and none to the
outside. Linux only, as root.
"""
