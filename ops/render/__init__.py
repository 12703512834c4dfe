"""Evaluates the program without an engine: the manifests it would apply. No diff, no state, no cluster."""
