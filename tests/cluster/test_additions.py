"""Pod template settings on a real API server: it stores them, and rejects what validation rejects."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.conftest import Kubectl, as_list
from tests.support.backends import manifests
from tests.support.fake_engine import IMAGE
from tests.support.pod_templates import container, sidecar, spec
from tests.unit.components.settings.test_pod_template import EVERYTHING

ADDED = {**EVERYTHING, "image": IMAGE, "name": "added", "loadBalancer": {"healthCheckSeconds": 5}}


def deployment(made: list[dict[str, Any]]) -> Any:
    (found,) = (one for one in made if one["kind"] == "Deployment")
    return found


def test_every_pod_template_setting_is_stored_as_written(kubectl: Kubectl) -> None:
    made = manifests(**ADDED)
    kubectl("create", "namespace", "added")
    done = kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    assert "Warning" not in done.stderr, "the namespace warns of every pod that is not restricted"
    stored = kubectl("get", "deployment", "added", "-n", "added", "-o", "json")["spec"]["template"]
    wanted = deployment(made)["spec"]["template"]
    assert lost(wanted, stored) == []
    kubectl("delete", "namespace", "added", "--wait=false")


def lost(wanted: Any, stored: Any, path: str = "") -> list[str]:
    """Return what was written and is not stored, apart from quantities and defaults."""
    if isinstance(wanted, dict):
        return [one for key, value in wanted.items() for one in lost(value, (stored or {}).get(key), f"{path}.{key}")]
    if isinstance(wanted, list):
        if not wanted and not stored:
            return []
        return (
            [one for number, value in enumerate(wanted) for one in lost(value, stored[number], f"{path}[{number}]")]
            if stored and len(wanted) == len(stored)
            else [path]
        )
    same = (
        wanted == stored or (wanted in (False, None) and stored is None) or ".resources." in path or "sizeLimit" in path
    )
    return [] if same else [f"{path}: {wanted!r} is stored as {stored!r}"]


def test_pods_with_sidecars_run_and_are_counted_with_them(kubectl: Kubectl) -> None:
    first = [container(name="prepare"), sidecar(startupProbe={"tcpSocket": {"port": 9001}})]
    made = manifests(
        **spec(initContainers=first), name="beside", loadBalancer={"healthCheckSeconds": 5}, health={"initSeconds": 5}
    )
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    kubectl("rollout", "status", "deployment/beside", "-n", "beside", "--timeout=3m")
    pods = kubectl("get", "pods", "-n", "beside", "-o", "json")["items"]
    assert len(pods) == 3
    prepare, beside = pods[0]["spec"]["initContainers"]
    assert ("restartPolicy" in prepare, beside["restartPolicy"]) == (False, "Always")
    for one in (prepare, beside):  # what the LimitRange fills in is what is counted here
        assert one["resources"]["requests"] == {"cpu": "50m", "memory": "32Mi", "ephemeral-storage": "320Mi"}
    kubectl("delete", "namespace", "beside", "--wait=false")


@pytest.fixture(scope="module")
def restricted(kubectl: Kubectl) -> Iterator[Any]:
    """Return a function that tries a modified pod in a restricted namespace."""
    made = manifests(**spec(initContainers=[sidecar()]), name="restricted")
    around = [one for one in made if one["kind"] in ("Namespace", "ServiceAccount")]
    kubectl("apply", "--server-side", "-f", "-", stdin=as_list(around))

    def refused(spoil: Any) -> str:
        template = copy.deepcopy(deployment(made)["spec"]["template"])
        spoil(template)
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "spec": template["spec"],
            "metadata": {**template["metadata"], "name": "try", "namespace": "restricted"},
        }
        return str(kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod), check=False).stderr)

    yield refused
    kubectl("delete", "namespace", "restricted", "--wait=false")


def context(**more: Any) -> Any:
    return lambda template: template["spec"]["initContainers"][0]["securityContext"].update(more)


def in_spec(**more: Any) -> Any:
    return lambda template: template["spec"].update(more)


def unmasked(template: Any) -> None:
    in_spec(hostUsers=False)(template)  # the API server takes it for no other pods, whatever the namespace says
    context(procMount="Unmasked")(template)


@pytest.mark.parametrize(
    "spoil",
    [
        context(privileged=True, allowPrivilegeEscalation=None),
        context(allowPrivilegeEscalation=True),
        context(runAsUser=0),
        context(runAsNonRoot=False),
        context(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        context(capabilities={"drop": ["NET_RAW"]}),
        context(seccompProfile={"type": "Unconfined"}),
        context(appArmorProfile={"type": "Unconfined"}),
        unmasked,
        context(seLinuxOptions={"user": "root"}),
        context(seLinuxOptions={"type": "spc_t"}),
        in_spec(hostNetwork=True),
        in_spec(hostPID=True),
        in_spec(hostIPC=True),
        in_spec(volumes=[{"name": "tmp", "hostPath": {"path": "/"}}]),
        in_spec(volumes=[{"name": "tmp", "nfs": {"server": "a", "path": "/"}}]),
        lambda template: template["spec"]["securityContext"].update(sysctls=[{"name": "kernel.msgmax", "value": "1"}]),
        lambda template: template["spec"]["initContainers"][0].update(ports=[{"containerPort": 9, "hostPort": 9}]),
        lambda template: template["spec"]["initContainers"][0].update(
            livenessProbe={"httpGet": {"port": 1, "host": "x"}}
        ),
    ],
)
def test_the_namespace_rejects_the_privileges_that_validation_rejects(restricted: Any, spoil: Any) -> None:
    assert 'violates PodSecurity "restricted' in restricted(spoil)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda template: None,
        context(readOnlyRootFilesystem=False),
        context(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
        context(seLinuxOptions={"type": "container_t"}),
        context(seccompProfile={"type": "Localhost", "localhostProfile": "a"}),
        lambda template: template["spec"]["securityContext"].update(
            sysctls=[{"name": "net.ipv4.tcp_wmem", "value": "1"}]
        ),
    ],
)
def test_the_namespace_accepts_what_validation_accepts(restricted: Any, spoil: Any) -> None:
    assert restricted(spoil) == ""
