"""Breaks a running backend, measures what its users lose, and reports it beside the promise. Knows no way of deploying."""
