"""The container's environment: plain values in a ConfigMap, generated ones in a Secret.

Both are immutable and named by the engine. A changed value therefore makes a new object, the Deployment rolls over to it,
and only then the old one goes: pods of the old release never lose what they were started with.
"""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pulumi_kubernetes.core.v1 import ConfigMapEnvSourceArgs, EnvFromSourceArgs, SecretEnvSourceArgs

from components.scope import Scope


def sources(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> list[EnvFromSourceArgs]:
    """Where the container's environment comes from; objects that would be empty are not made."""
    found = []
    if scope.settings.environment:
        config = kubernetes.core.v1.ConfigMap(
            f"{scope.prefix}-environment", metadata=scope.meta(named=False), immutable=True,
            data=dict(scope.settings.environment), opts=scope.replaceable([namespace]))
        found.append(EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=config.metadata.apply(_name))))
    if scope.settings.generated_secrets.names:
        secret = kubernetes.core.v1.Secret(
            f"{scope.prefix}-secrets", metadata=scope.meta(named=False), immutable=True,
            string_data={name: _generated(scope, name) for name in scope.settings.generated_secrets.names},
            opts=scope.replaceable([namespace]))
        found.append(EnvFromSourceArgs(secret_ref=SecretEnvSourceArgs(name=secret.metadata.apply(_name))))
    return found


def _generated(scope: Scope, name: str) -> pulumi.Output[str]:
    wanted = scope.settings.generated_secrets
    value = random.RandomPassword(
        f"{scope.prefix}-secret-{name}", length=wanted.length,
        special=False,  # letters and digits survive every shell, URL and connection string; 32 of them are 190 bits
        keepers={"rotation": str(wanted.rotation)}, opts=scope.replaceable())
    return value.result


def _name(metadata: kubernetes.meta.v1.outputs.ObjectMeta) -> str:
    return str(metadata.name)
