"""No secret value of a manifest reaches a stack file, a report or a rendering."""

from __future__ import annotations

import base64
import json

import pytest

from ops.convert.report import report
from tests.unit.ops.convert.manifests import Object, container, converted, named, pod, settings

VALUE = "hunter2-and-more"


def _secret() -> Object:
    coded = base64.b64encode(VALUE.encode()).decode()
    return named("Secret", "v1", "db", data={"password": coded}, stringData={"other": VALUE})


def test_secrets_are_references() -> None:
    def change(deployment: Object, service: Object) -> None:
        pod(deployment)["volumes"] = [{"name": "db", "secret": {"secretName": "db"}}]
        container(deployment)["volumeMounts"] = [{"name": "db", "mountPath": "/etc/db", "readOnly": True}]
        container(deployment)["envFrom"] = [{"secretRef": {"name": "db"}}]
        reference = {"secretKeyRef": {"name": "db", "key": "password"}}
        container(deployment)["env"] = [{"name": "DB_PASSWORD", "valueFrom": reference}]

    conversion = converted(_secret(), change=change)
    template = settings(conversion)["podTemplate"]["spec"]
    assert template["volumes"] == [{"name": "db", "secret": {"secretName": "db"}}]
    assert template["containers"][0]["envFrom"] == [{"secretRef": {"name": "db"}}]
    written = f"{conversion.text}{report([conversion], 'web.yaml', {}, {})}{json.dumps(list(conversion.rendered))}"
    assert VALUE not in written
    assert base64.b64encode(VALUE.encode()).decode() not in written


def test_what_kubectl_applied_last_is_not_copied() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"password": VALUE}), "a": "b"}

    def change(deployment: Object, service: Object) -> None:
        deployment["metadata"]["annotations"] = service["metadata"]["annotations"] = applied

    conversion = converted(change=change)
    assert conversion.text and VALUE not in conversion.text
    assert settings(conversion)["overrides"]["service"]["metadata"]["annotations"] == {"a": "b"}


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASSWORD", VALUE, True),
        ("API_KEY", VALUE, True),
        ("GITHUB_TOKEN", VALUE, True),
        ("DATABASE_URL", f"postgres://web:{VALUE}@db/web", True),
        ("DATABASE_URL", "postgres://db/web", False),
        ("TOKEN_TTL", "60", False),
        ("DB_PASSWORD", "/run/secrets/password", False),
        ("ALLOW_EMPTY_PASSWORD", "yes", False),
        ("DB_PASSWORD", "$(OTHER)", False),
        ("DB_PASSWORD", "", False),
    ],
)
def test_a_variable_that_looks_like_a_secret_is_left_out(name: str, value: str, secret: bool) -> None:
    env = [{"name": name, "value": value}]
    conversion = converted(change=lambda deployment, service: container(deployment).update(env=env))
    assert conversion.text
    assert (VALUE in conversion.text) is False
    own = settings(conversion)["podTemplate"]["spec"]["containers"][0]
    if secret:
        reference = {"secretKeyRef": {"name": "web-secrets", "key": name}}
        assert own["env"] == [{"name": name, "valueFrom": reference}]
        assert "Create Secret web-secrets" in " ".join(conversion.text.replace("#", "").split())
    else:
        assert value in json.dumps(settings(conversion))
