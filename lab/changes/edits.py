"""Changes to the program itself: what a reviewer of a pull request must see, though no setting says it."""

from __future__ import annotations

from dataclasses import replace

from lab.changes.change import CLUSTER, Change, Edit, Make, State, edited, settings, unedited

_POD, _PARTS = "components/pod.py", "components/backend.py"
READINESS = Edit(
    _POD, "        readiness_probe=_probe(backend, health.readiness_path, timing.READINESS_FAILURES),\n", ""
)
_FAILURES = "READINESS_FAILURES, LIVENESS_FAILURES = 2, "
SLOWER = Edit("components/availability/timing.py", f"{_FAILURES}6", f"{_FAILURES}9")
PRE_STOP = Edit(_POD, "        lifecycle=_lifecycle(backend),\n", "")
SPREAD = Edit(_POD, "        topology_spread_constraints=[_spread(scope, ZONE_LABEL), _spread(scope, HOST)],\n", "")
APART = Edit(_POD, "        affinity=_apart(scope),\n", "")
BUDGET = Edit(
    _PARTS,
    "self.disruption_budget = disruption_budget(scope, self.deployment)",
    "self.disruption_budget = self.deployment",
)
DENY = Edit(_PARTS, "[opened, namespace.default_deny if namespace else default_deny(scope.space, opened)]", "[opened]")
QUOTA = Edit("components/availability/timing.py", "return 3 * backend.max_replicas", "return 4 * backend.max_replicas")
RECREATE = Edit(
    "components/deployment.py",
    """                type="RollingUpdate",
                rolling_update=RollingUpdateDeploymentArgs(max_surge=f"{timing.SURGE_PERCENT}%", max_unavailable=0)),
""",
    """                type="Recreate"),
""",
)
HALF = Edit("components/deployment.py", "max_unavailable=0", 'max_unavailable="50%"')
NAMED = Edit(
    "components/environment.py",
    'f"{scope.prefix}-environment", metadata=scope.meta(named=False), immutable=True,',
    'f"{scope.prefix}-environment", metadata=scope.meta(),',
)
SELECTOR = Edit(
    "components/settings/labels.py",
    "return backend.selector or {NAME_LABEL: backend.name}",
    'return {NAME_LABEL: backend.name, "tier": "web"}',
)
RENAMED = Edit("__main__.py", "            place.backend_name, place.site", '            "renamed", place.site')


def removed(name: str, edit: Edit) -> tuple[Change, Change]:
    """The program edited, and then as it was."""
    return Change(name, edited(edit)), Change(f"{name}: back", unedited(edit), name)


CHANGES = (
    *removed("readiness probe removed", READINESS),
    *removed("liveness probe slower", SLOWER),
    *removed("preStop removed", PRE_STOP),
    *removed("spread removed", SPREAD),
    *removed("preference for separate nodes removed", APART),
    *removed("budget removed", BUDGET),
    *removed("default-deny removed", DENY),
    *removed("quota raised", QUOTA),
    *removed("strategy takes half away", HALF),
    Change("environment: mutable and by name", edited(NAMED)),
    Change(
        "environment: changed in place",
        settings({"environment": {"GREETING": "again"}}),
        "environment: mutable and by name",
    ),
    Change("environment: immutable again", unedited(NAMED), "environment: mutable and by name"),
    Change("strategy Recreate", edited(RECREATE)),
    Change("environment under Recreate", settings({"environment": {"GREETING": "once more"}}), "strategy Recreate"),
    Change("strategy Recreate: back", unedited(RECREATE), "strategy Recreate"),
    Change("selector", edited(SELECTOR)),
)
# Leaves a state that knows of objects that are gone: last of all.
LAST = (Change("component renamed without alias", edited(RENAMED)),)


def kubeconfig(suffix: str, **patch: str) -> Make:
    """Another kubeconfig, beside the one there is."""

    def make(state: State) -> State:
        cluster = dict(state.config[CLUSTER])
        stem = cluster["kubeconfig"].partition("+")[0]
        return replace(state, config={**state.config, CLUSTER: {**cluster, "kubeconfig": f"{stem}+{suffix}", **patch}})

    return make


ANOTHER = Change("cluster.identifier: another cluster", kubeconfig("cluster", context="other", identifier="two"))
PROVIDER = (
    Change("kubeconfig: another address of the same cluster", kubeconfig("address")),
    Change("kubeconfig: another name of the context", kubeconfig("context", context="renamed")),
    ANOTHER,
)
