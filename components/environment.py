"""The container's environment: plain values in a ConfigMap, generated ones in a Secret.

Both are immutable and named by the engine. A changed value therefore makes a new object, the Deployment rolls over to it,
and only then the old one goes: pods of the old release never lose what they were started with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pulumi_kubernetes.core.v1 import ConfigMapEnvSourceArgs, EnvFromSourceArgs, SecretEnvSourceArgs

from .backend_scope import Scope


@dataclass(frozen=True)
class Environment:
    """Where the container's environment comes from, and the objects behind it: None and nothing where they would be empty."""

    sources: tuple[EnvFromSourceArgs, ...]
    config_map: kubernetes.core.v1.ConfigMap | None
    secret: kubernetes.core.v1.Secret | None
    generated: Mapping[str, random.RandomPassword]
    """By the name of the variable."""


def environment(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> Environment:
    """Makes what the settings name, and nothing that would be empty."""
    found, config, secret = [], None, None
    generated = {name: _generated(scope, name) for name in scope.settings.generated_secrets.names}
    if scope.settings.environment:
        config = kubernetes.core.v1.ConfigMap(
            f"{scope.prefix}-environment",
            metadata=scope.meta(named=False),
            immutable=True,
            data=dict(scope.settings.environment),
            opts=scope.replaceable([namespace]),
        )
        found.append(EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=config.metadata.apply(_name))))
    if generated:
        secret = kubernetes.core.v1.Secret(
            f"{scope.prefix}-secrets",
            metadata=scope.meta(named=False),
            immutable=True,
            string_data={name: value.result for name, value in generated.items()},
            opts=scope.replaceable([namespace]),
        )
        found.append(EnvFromSourceArgs(secret_ref=SecretEnvSourceArgs(name=secret.metadata.apply(_name))))
    return Environment(tuple(found), config, secret, generated)


def _generated(scope: Scope, name: str) -> random.RandomPassword:
    wanted = scope.settings.generated_secrets
    return random.RandomPassword(
        f"{scope.prefix}-secret-{name}",
        length=wanted.length,
        special=False,  # letters and digits survive every shell, URL and connection string; 32 of them are 190 bits
        keepers={"rotation": str(wanted.rotation)},
        opts=scope.replaceable(),
    )


def _name(metadata: kubernetes.meta.v1.outputs.ObjectMeta) -> str:
    return str(metadata.name)
