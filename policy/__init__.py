"""A policy pack: rules about availability and privilege for any Pulumi program that creates Kubernetes objects."""
