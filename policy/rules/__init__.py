"""All rules, in the order of the README."""

from __future__ import annotations

from policy.rule import Rule
from policy.rules import (
    autoscalers,
    budgets,
    configuration,
    endings,
    images,
    nodes,
    privilege,
    probes,
    resources,
    rollouts,
    selectors,
    services,
    spread,
    versions,
    ways_in,
)

RULES: tuple[Rule, ...] = (
    *services.RULES,
    *ways_in.RULES,
    *selectors.RULES,
    *budgets.RULES,
    *autoscalers.RULES,
    *rollouts.RULES,
    *probes.RULES,
    *endings.RULES,
    *spread.RULES,
    *nodes.RULES,
    *images.RULES,
    *configuration.RULES,
    *versions.RULES,
    *privilege.RULES,
    *resources.RULES,
)
