"""All rules, in the order of the reference."""

from __future__ import annotations

from policy.rule import Rule
from policy.rules import (
    autoscalers,
    budgets,
    configuration,
    images,
    ingress,
    nodes,
    privilege,
    probes,
    resources,
    rollouts,
    selectors,
    services,
    spread,
    termination,
    versions,
)

RULES: tuple[Rule, ...] = (
    *services.RULES,
    *ingress.RULES,
    *selectors.RULES,
    *budgets.RULES,
    *autoscalers.RULES,
    *rollouts.RULES,
    *probes.RULES,
    *termination.RULES,
    *spread.RULES,
    *nodes.RULES,
    *images.RULES,
    *configuration.RULES,
    *versions.RULES,
    *privilege.RULES,
    *resources.RULES,
)
