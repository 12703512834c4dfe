"""Changes to a program written by hand, which knows nothing of this project: lab/changes/baseline."""

from __future__ import annotations

from lab.changes.change import Change, Edit, State, edited, unedited
from lab.changes.edits import removed

_FILE = "__main__.py"


def _edit(before: str, after: str) -> Edit:
    return Edit(_FILE, before, after)


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
    '        "containers": [{\n',
    '        "containers": [{"name": "sidecar", "image": "example.org/sidecar:1", '
    '"security_context": {"allow_privilege_escalation": False, "capabilities": {"drop": ["ALL"]}}}, {\n',
)
QUOTA = _edit('"pods": "14"', '"pods": "10"')
COUNTED = _edit('spec={"max_unavailable": 1, ', 'spec={"max_unavailable": "50%", ')
SLOWER = _edit('probe("/readyz", 2)', 'probe("/readyz", 10)')
SOONER = _edit('"toleration_seconds": 30}', '"toleration_seconds": 600}')
LABEL = _edit(
    '"deployment", metadata={**meta, "name": "rival"}',
    '"deployment", metadata={**meta, "name": "rival", "annotations": {"owner": "shop"}}',
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
    *removed("plain: readiness slower", SLOWER),
    *removed("plain: pods stay bound to a lost node", SOONER),
    *removed("plain: quota", QUOTA),
    *removed("plain: account that pods name", ACCOUNT),
    *removed("plain: budget in percent", COUNTED),
    *removed("plain: network policy with one more port", EVERYBODY),
    *removed("plain: targetPort by its name", BY_NAME),
    *removed("plain: targetPort that nobody listens on", NOBODY),
    *removed("plain: port of the Service called otherwise", PORT_NAME),
    *removed("plain: a second port of the Service", TLS),
    *removed("plain: Service without a load balancer", INSIDE),
    Change("plain: one more label on pods", edited(TIER)),
    Change("plain: Service selects by it too", edited(NARROWER), "plain: one more label on pods"),
    Change("plain: Service selects as before", unedited(NARROWER), "plain: Service selects by it too"),
    *removed("plain: autoscaler steers higher", UTILIZATION),
    *removed("plain: one pod away at a time", ONE_AWAY),
    Change("plain: strategy lets all pods go", edited(ALL_AWAY)),
    Change("plain: image under that strategy", edited(IMAGE), "plain: strategy lets all pods go"),
    Change("plain: strategy as before", unedited(ALL_AWAY), "plain: strategy lets all pods go"),
    Change("plain: strategy Recreate", edited(RECREATE)),
    Change("plain: image under Recreate", unedited(IMAGE), "plain: image under that strategy"),
    Change("plain: strategy Recreate: back", unedited(RECREATE), "plain: strategy Recreate"),
    Change("plain: autoscaler removed", edited(SCALER)),
    Change("plain: number of pods is the program's", edited(OWNED), "plain: autoscaler removed"),
    *removed("plain: fewer pods", FEWER),
    Change("plain: selector of the Deployment", edited(OTHER), "plain: one more label on pods"),
)
