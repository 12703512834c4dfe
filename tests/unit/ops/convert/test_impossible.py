"""What a stack cannot do is reported with its reason, in the name of a promise."""

from __future__ import annotations

import io

import pytest
import yaml

from ops.convert.conversion import convert
from ops.convert.documents import read
from ops.convert.notes import Verdict
from tests.unit.ops.convert.manifests import Change, Object, container, named, pod, service

IMPOSSIBLE: list[tuple[str, Change, list[Object], str]] = [
    ("privileged", lambda d, s: container(d).update(securityContext={"privileged": True}), [], "pod-needs-privileges"),
    ("root", lambda d, s: pod(d).update(securityContext={"runAsUser": 0}), [], "pod-needs-privileges"),
    (
        "capabilities",
        lambda d, s: container(d).update(securityContext={"capabilities": {"add": ["SYS_TIME"]}}),
        [],
        "pod-needs-privileges",
    ),
    ("host network", lambda d, s: pod(d).update(hostNetwork=True), [], "pod-needs-host"),
    (
        "host path",
        lambda d, s: pod(d).update(volumes=[{"name": "a", "hostPath": {"path": "/etc"}}]),
        [],
        "pod-needs-host",
    ),
    (
        "a claim of one node",
        lambda d, s: pod(d).update(volumes=[{"name": "a", "persistentVolumeClaim": {"claimName": "data"}}]),
        [named("PersistentVolumeClaim", "v1", "data", spec={"accessModes": ["ReadWriteOnce"]})],
        "volume-on-one-node",
    ),
    (
        "an expression",
        lambda d, s: d["spec"]["selector"].update(matchExpressions=[{"key": "app", "operator": "Exists"}]),
        [],
        "selector-expressions",
    ),
    ("another selector", lambda d, s: d["spec"]["selector"].update(matchLabels={"app": "x"}), [], "invalid-object"),
    ("an unknown field", lambda d, s: d["spec"].update(replica=3), [], "invalid-object"),
    ("a wrong type", lambda d, s: d["spec"].update(replicas="three"), [], "invalid-object"),
    ("a probe's port", lambda d, s: container(d)["readinessProbe"]["httpGet"].update(port=[80]), [], "invalid-object"),
    ("no container", lambda d, s: pod(d).update(containers=[]), [], "invalid-object"),
    ("a port of no container", lambda d, s: s["spec"]["ports"][0].update(targetPort="grpc"), [], "port-unresolved"),
    ("no port", lambda d, s: (container(d).pop("ports"), s["spec"].update(selector={"a": "b"})), [], "no-served-port"),
    (
        "UDP without a probe",
        lambda d, s: (
            container(d).update(ports=[{"containerPort": 53, "protocol": "UDP"}], readinessProbe=None),
            s["spec"].update(ports=[{"port": 53, "protocol": "UDP"}]),
        ),
        [],
        "readiness-unknown",
    ),
    (
        "another volume at /tmp",
        lambda d, s: (
            pod(d).update(volumes=[{"name": "a", "configMap": {"name": "a"}}]),
            container(d).update(volumeMounts=[{"name": "a", "mountPath": "/tmp/"}]),  # noqa: S108
        ),
        [],
        "volume-at-tmp",
    ),
    (
        "the Service of another Deployment too",
        lambda d, s: None,
        [
            named(
                "Deployment",
                "apps/v1",
                "other",
                spec={
                    "selector": {"matchLabels": {"app": "web", "v": "2"}},
                    "template": {
                        "metadata": {"labels": {"app": "web", "v": "2"}},
                        "spec": {"containers": [{"name": "a", "image": "a:1"}]},
                    },
                },
            )
        ],
        "service-shared",
    ),
    ("a scheduler", lambda d, s: pod(d).update(schedulerName="mine"), [], "conversion-rejected"),
    ("a name for every pod", lambda d, s: pod(d).update(hostname="a"), [], "conversion-rejected"),
    ("a name that no Service can have", lambda d, s: d["metadata"].update(name="3web"), [], "conversion-rejected"),
]


@pytest.mark.parametrize(("title", "change", "objects", "kind"), IMPOSSIBLE, ids=[row[0] for row in IMPOSSIBLE])
def test_what_a_stack_cannot_do_has_a_reason(title: str, change: Change, objects: list[Object], kind: str) -> None:
    text = yaml.safe_dump_all([*service(change), *objects])
    first = convert(read(io.BytesIO(text.encode()), "web.yaml"), "web.yaml")[0]
    assert first.verdict == "not possible"
    assert first.text is None
    reasons = [note.text for note in first.notes.notes if note.verdict is Verdict.IMPOSSIBLE]
    assert any(text.endswith(f"[{kind}]") for text in reasons), reasons
