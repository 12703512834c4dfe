"""Changes to the program itself: what a reviewer of a pull request must see, although no setting mentions it."""

from __future__ import annotations

from dataclasses import replace

from lab.changes.change import CLUSTER, Change, Make, State, edited, settings, unedited
from lab.overrides import NO_ANTI_AFFINITY, NO_PRE_STOP, NO_SPREAD, Edit, Override

_POD, _BACKEND, _DEPLOYMENT = "components/pod.py", "components/backend.py", "components/deployment.py"
READINESS = Override(_POD, "_readiness_probe = lambda backend: None")
SLOWER = Override("components/settings/probes.py", "LIVENESS_FAILURES = 9")
BUDGET = Override(_BACKEND, "disruption_budget = lambda scope, deployment: deployment")
DENY = Override(_BACKEND, "default_deny = lambda scope, depends_on: depends_on[0]")
QUOTA = Override(
    "components/resource_quota.py",
    "_max_pods = lambda backends: 4 * sum(backend.max_replicas for backend in backends)",
)
RECREATE = Override(_DEPLOYMENT, '_strategy = lambda backend: DeploymentStrategyArgs(type="Recreate")')
HALF = Override(
    _DEPLOYMENT,
    '_strategy = lambda backend: DeploymentStrategyArgs(type="RollingUpdate", rolling_update='
    'RollingUpdateDeploymentArgs(max_surge="25%", max_unavailable="50%"))',
)
NAMED = Override(
    "components/environment.py",
    "_config_map = lambda scope, values, depends_on: kubernetes.core.v1.ConfigMap("
    'f"{scope.prefix}-environment", metadata=scope.metadata(), data=dict(values), '
    "opts=scope.replaceable_options(depends_on))",
)
SELECTOR = Override(
    "components/settings/labels.py", 'selector = lambda backend: {NAME_LABEL: backend.name, "tier": "web"}'
)
RENAMED = Override("components/runtime/placements.py", 'Place.backend_name = property(lambda self: "renamed")')


def removed(name: str, edit: Edit) -> tuple[Change, Change]:
    """Return two changes: the program edited, and the program restored."""
    return Change(name, edited(edit)), Change(f"{name}: back", unedited(edit), name)


CHANGES = (
    *removed("readiness probe removed", READINESS),
    *removed("liveness probe slower", SLOWER),
    *removed("preStop removed", NO_PRE_STOP),
    *removed("spread removed", NO_SPREAD),
    *removed("preference for separate nodes removed", NO_ANTI_AFFINITY),
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
# Leaves a state with resources that no longer exist, so it comes last.
LAST = (Change("component renamed without alias", edited(RENAMED)),)


def kubeconfig(suffix: str, **patch: str) -> Make:
    """Return a change to another kubeconfig, next to the current one."""

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
