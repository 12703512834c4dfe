"""What a stack adds to the pod in Kubernetes' own words: how it is checked, read, and what of it is refused."""
