"""Convert the manifests of a running service into a stack file, and report what changes and what is not possible."""
