"""The promise: what the settings survive, and what it costs. Pure rules: no Pulumi, no YAML, no cluster."""

from availability.promise import Promise, promise

__all__ = ["Promise", "promise"]
