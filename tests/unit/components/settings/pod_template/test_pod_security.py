"""Overrides that the Pod Security Standard restricted forbids are rejected."""

from __future__ import annotations

import pytest

from tests.support.pod_templates import INIT, OWN, POD, added, assert_only_problem, own, spec
from tests.support.problems import Row, Values, row_id

PRIVILEGE: list[Row] = [
    *(
        (spec(**{key: True}), f"{POD}.{key}", "forbidden by the Pod Security Standard restricted")
        for key in ("hostNetwork", "hostPID", "hostIPC")
    ),
    *(
        (make(securityContext=context), f"{where}.securityContext.{key}", text)
        for make, where in ((own, OWN), (added, INIT))
        for context, key, text in (
            ({"privileged": True}, "privileged", "omit it"),
            ({"allowPrivilegeEscalation": True}, "allowPrivilegeEscalation", "omit it"),
            ({"runAsUser": 0}, "runAsUser", "use a user ID above 0"),
            ({"runAsNonRoot": False}, "runAsNonRoot", "omit it"),
            (
                {"capabilities": {"add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}},
                "capabilities.add",
                "['SYS_ADMIN'] is forbidden",
            ),
            ({"capabilities": {"drop": ["NET_RAW"]}}, "capabilities.drop", "set it to [ALL]"),
            (
                {"seccompProfile": {"type": "Unconfined"}},
                "seccompProfile.type",
                "set it to RuntimeDefault or Localhost",
            ),
            (
                {"appArmorProfile": {"type": "Unconfined"}},
                "appArmorProfile.type",
                "set it to RuntimeDefault or Localhost",
            ),
            ({"procMount": "Unmasked"}, "procMount", "omit it"),
            ({"seLinuxOptions": {"user": "root"}}, "seLinuxOptions.user", "omit it"),
            ({"seLinuxOptions": {"type": "spc_t"}}, "seLinuxOptions.type", "container_t"),
        )
    ),
    (spec(securityContext={"runAsUser": 0}), f"{POD}.securityContext.runAsUser", "0 is forbidden"),
    (
        spec(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
        f"{POD}.securityContext.sysctls[0].name",
        "use one of kernel.shm_rmid_forced",
    ),
    (spec(securityContext={"runAsNonRoot": None}), f"{POD}.securityContext.runAsNonRoot", "the component sets it"),
    (own(securityContext={"capabilities": None}), f"{OWN}.securityContext.capabilities", "the component sets it"),
    (
        own(readinessProbe={"httpGet": {"port": 80, "host": "10.0.0.1"}}),
        f"{OWN}.readinessProbe.httpGet.host",
        "it is the pod itself",
    ),
    (spec(hostUsers=True), f"{POD}.hostUsers", "set it to false"),
    (own(ports=[{"containerPort": 9, "hostPort": 9}]), f"{OWN}.ports[0].hostPort", "omit it"),
    (added(livenessProbe={"httpGet": {"port": 1, "host": "x"}}), f"{INIT}.livenessProbe.httpGet.host", "omit it"),
    (
        {
            "podTemplate": {
                "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/backend": "unconfined"}}
            }
        },
        "podTemplate.metadata.annotations.container.apparmor.security.beta.kubernetes.io/backend",
        "omit it",
    ),
]


@pytest.mark.parametrize(("values", "key", "text"), PRIVILEGE, ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(values: Values, key: str, text: str) -> None:
    assert_only_problem(values, key, text)
