"""The container's environment: plain values in a ConfigMap, generated values in a Secret.

Both objects are immutable, and Pulumi chooses their names. A changed value therefore creates a new object, the
Deployment rolls out with it, and Pulumi deletes the old object last: pods of the old release keep the values they
started with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pulumi_kubernetes.core.v1 import (
    ConfigMapEnvSourceArgs,
    EnvFromSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    SecretEnvSourceArgs,
    SecretKeySelectorArgs,
)

from .backend_scope import BackendScope
from .files import files
from .settings import expansion


@dataclass(frozen=True)
class Environment:
    """The sources of a container's environment and its files, and the objects behind them."""

    sources: tuple[EnvFromSourceArgs, ...]
    """References for ``envFrom``; empty if there are no variables."""
    variables: tuple[EnvVarArgs, ...]
    """Variables that refer to others by ``$(NAME)``, with the ones that they refer to: only these expand."""
    files: kubernetes.core.v1.ConfigMap | None
    """The files; None if there are none."""
    config_map: kubernetes.core.v1.ConfigMap | None
    """The plain values; None if there are none."""
    secret: kubernetes.core.v1.Secret | None
    """The generated values; None if there are none."""
    generated: Mapping[str, random.RandomPassword]
    """Each generated value by the name of its variable."""


def environment(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> Environment:
    """Register the ConfigMap and the Secret that the settings need."""
    sources, config_map, secret = [], None, None
    generated = {name: _generated(scope, name) for name in scope.settings.generated_secrets.names}
    in_order = expansion.in_order(scope.settings)
    plain = {name: value for name, value in scope.settings.environment.items() if name not in in_order}
    if plain:
        config_map = _config_map(scope, plain, depends_on)
        sources.append(EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=config_map.metadata.apply(_name))))
    if generated:
        secret = kubernetes.core.v1.Secret(
            f"{scope.prefix}-secrets",
            metadata=scope.metadata(named=False),
            immutable=True,
            string_data={name: value.result for name, value in generated.items()},
            opts=scope.replaceable_options(depends_on),
        )
        sources.append(EnvFromSourceArgs(secret_ref=SecretEnvSourceArgs(name=secret.metadata.apply(_name))))
    variables = tuple(_variable(scope, name, secret) for name in in_order)
    return Environment(tuple(sources), variables, files(scope, depends_on), config_map, secret, generated)


def _config_map(
    scope: BackendScope, values: Mapping[str, str], depends_on: Sequence[pulumi.Resource]
) -> kubernetes.core.v1.ConfigMap:
    return kubernetes.core.v1.ConfigMap(
        f"{scope.prefix}-environment",
        metadata=scope.metadata(named=False),
        immutable=True,
        data=dict(values),
        opts=scope.replaceable_options(depends_on),
    )


def _variable(scope: BackendScope, name: str, secret: kubernetes.core.v1.Secret | None) -> EnvVarArgs:
    if secret is None or name in scope.settings.environment:
        return EnvVarArgs(name=name, value=scope.settings.environment[name])
    reference = SecretKeySelectorArgs(name=secret.metadata.apply(_name), key=name)
    return EnvVarArgs(name=name, value_from=EnvVarSourceArgs(secret_key_ref=reference))


def _generated(scope: BackendScope, name: str) -> random.RandomPassword:
    secrets = scope.settings.generated_secrets
    return random.RandomPassword(
        f"{scope.prefix}-secret-{name}",
        length=secrets.length,
        special=False,  # letters and digits survive every shell, URL and connection string; 32 of them are 190 bits
        keepers={"rotation": str(secrets.rotation)},
        opts=scope.replaceable_options(),
    )


def _name(metadata: kubernetes.meta.v1.outputs.ObjectMeta) -> str:
    return str(metadata.name)
