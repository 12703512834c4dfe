"""Hypothesis strategies for settings, an oracle for accepted ones, and an API server that stores their objects."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS

# Hypothesis derives five of six draws from an earlier one by small changes, which are rarely another configuration.
# Registered under another name, its provider makes every draw anew, and still shrinks examples.
AVAILABLE_PROVIDERS["independent"] = "hypothesis.internal.conjecture.providers.HypothesisProvider"
# The same draws every time: what fails in CI fails here.
DRAWN = settings(
    backend="independent",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
