"""Hypothesis strategies for settings, an oracle for accepted ones, and an API server that stores their objects."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS

# Hypothesis makes five of six draws out of an earlier one by changing a little, which seldom is another configuration.
# Under another name its own source of draws is asked for each anew, and finds shorter examples as ever.
AVAILABLE_PROVIDERS["independent"] = "hypothesis.internal.conjecture.providers.HypothesisProvider"
# The same draws every time: what is red in CI is red here.
DRAWN = settings(
    backend="independent",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
