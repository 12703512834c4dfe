"""Changes to a hand-written program that does not use this project: lab/changes/baseline."""

from __future__ import annotations

from lab.changes.change import Change, State, edited, unedited
from lab.changes.edits import removed
from lab.overrides import Replacement

_FILE = "__main__.py"


def _edit(before: str, after: str) -> Replacement:
    # ast.unparse writes strings in single quotes.
    return Replacement(_FILE, before.replace('"', "'"), after.replace('"', "'"))


QUICK = State({}, (_edit('"min_ready_seconds": 5', '"min_ready_seconds": 1'),))
ROLLING = '"strategy": {"type": "RollingUpdate", "rolling_update": {"max_surge": "25%", "max_unavailable": 0}}'
RECREATE, ALL_AWAY, ONE_AWAY = (
    _edit(ROLLING, f'"strategy": {strategy}')
    for strategy in (
        '{"type": "Recreate"}',
        '{"type": "RollingUpdate", "rolling_update": {"max_surge": 0, "max_unavailable": "100%"}}',
        '{"type": "RollingUpdate", "rolling_update": {"max_surge": 0, "max_unavailable": 1}}',
    )
)
IMAGE = _edit("podinfo:6.9.1", "podinfo:6.9.2")
TARGET = '"target_port": 8080'
BY_NAME, NOBODY = _edit(TARGET, '"target_port": "http"'), _edit(TARGET, '"target_port": 9999')
PORT_NAME = _edit('{"name": "http", "port": 80,', '{"name": "web", "port": 80,')
TLS = _edit(
    '"ports": [{"name": "http", "port": 80,',
    '"ports": [{"name": "tls", "port": 443, "target_port": 8080}, {"name": "http", "port": 80,',
)
INSIDE = _edit('"type": "LoadBalancer", "external_traffic_policy": "Local",', '"type": "ClusterIP",')
NARROWER = _edit(
    '"external_traffic_policy": "Local", "selector": labels,',
    '"external_traffic_policy": "Local", "selector": {**labels, "tier": "web"},',
)
TIER = _edit(
    '"template": {"metadata": {"labels": labels}', '"template": {"metadata": {"labels": {**labels, "tier": "web"}}'
)
EVERYBODY = _edit(
    '"ingress": [{"ports": [{"port": 8080}]}]', '"ingress": [{"ports": [{"port": 8080}, {"port": 9797}]}]'
)
SIDECAR = _edit(
    '"containers": [',
    '"containers": [{"name": "sidecar", "image": "example.org/sidecar:1", '
    '"security_context": {"allow_privilege_escalation": False, "capabilities": {"drop": ["ALL"]}}}, ',
)
QUOTA = _edit('"pods": "14"', '"pods": "10"')
COUNTED = _edit('spec={"max_unavailable": 1, ', 'spec={"max_unavailable": "50%", ')
SLOWER = _edit('probe("/readyz", 2)', 'probe("/readyz", 10)')
SOONER = _edit('"toleration_seconds": 30}', '"toleration_seconds": 600}')
LABEL = _edit(
    '"deployment", metadata={**meta, "name": "baseline"}',
    '"deployment", metadata={**meta, "name": "baseline", "annotations": {"owner": "shop"}}',
)
OTHER = _edit(
    '"replicas": 3, "selector": {"match_labels": labels}',
    '"replicas": 3, "selector": {"match_labels": {**labels, "tier": "web"}}',
)
UTILIZATION = _edit('"average_utilization": 60', '"average_utilization": 80')
SCALER = _edit("k8s.autoscaling.v2.HorizontalPodAutoscaler(", "0 and k8s.autoscaling.v2.HorizontalPodAutoscaler(")
ACCOUNT = _edit("account = k8s.core.v1.ServiceAccount(", "account = space\n0 and k8s.core.v1.ServiceAccount(")
FEWER, OWNED = _edit('"replicas": 3', '"replicas": 2'), _edit(', ignore_changes=["spec.replicas"])', ")")

CHANGES = (
    *removed("plain: image", IMAGE),
    *removed("plain: annotation of the Deployment", LABEL),
    *removed("plain: sidecar", SIDECAR),
    *removed("plain: readiness probe slower", SLOWER),
    *removed("plain: longer toleration of a lost node", SOONER),
    *removed("plain: quota", QUOTA),
    *removed("plain: ServiceAccount that pods refer to", ACCOUNT),
    *removed("plain: disruption budget in percent", COUNTED),
    *removed("plain: network policy with an additional port", EVERYBODY),
    *removed("plain: targetPort by name", BY_NAME),
    *removed("plain: targetPort without a listener", NOBODY),
    *removed("plain: port of the Service renamed", PORT_NAME),
    *removed("plain: a second port of the Service", TLS),
    *removed("plain: Service without a load balancer", INSIDE),
    Change("plain: additional label on pods", edited(TIER)),
    Change("plain: Service selects the new label", edited(NARROWER), "plain: additional label on pods"),
    Change("plain: Service selector restored", unedited(NARROWER), "plain: Service selects the new label"),
    *removed("plain: autoscaler target raised", UTILIZATION),
    *removed("plain: one pod unavailable at a time", ONE_AWAY),
    Change("plain: strategy allows no pod to remain", edited(ALL_AWAY)),
    Change("plain: image under that strategy", edited(IMAGE), "plain: strategy allows no pod to remain"),
    Change("plain: strategy restored", unedited(ALL_AWAY), "plain: strategy allows no pod to remain"),
    Change("plain: strategy Recreate", edited(RECREATE)),
    Change("plain: image under Recreate", unedited(IMAGE), "plain: image under that strategy"),
    Change("plain: strategy Recreate: back", unedited(RECREATE), "plain: strategy Recreate"),
    Change("plain: autoscaler removed", edited(SCALER)),
    Change("plain: program owns the replicas", edited(OWNED), "plain: autoscaler removed"),
    *removed("plain: fewer pods", FEWER),
    Change("plain: selector of the Deployment", edited(OTHER), "plain: additional label on pods"),
)
