"""The package as the engine knows it: its schema, and how a component is made."""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from components.preflight import PreflightError
from components.settings import SettingsError
from ops.provider import tokens
from ops.provider.construction import Construction
from ops.provider.inputs import Given
from ops.provider.schema import schema
from ops.provider.version import version


class Components(Provider):
    """Makes components for programs of any language. What a user can act on is a RunError: a text without frames."""

    def __init__(self) -> None:
        super().__init__(version(), json.dumps(schema()))
        self._construction = Construction()

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Makes one component; ``inputs`` are what ``given.read`` found. Raises pulumi.RunError."""
        makers = {tokens.CLUSTER: self._construction.cluster, tokens.BACKEND: self._construction.backend}
        if resource_type not in makers:
            raise pulumi.RunError(
                f"{resource_type} is not in {tokens.PACKAGE} {self.version}; right would be one of: {', '.join(makers)}"
            )
        assert isinstance(inputs, Given)  # noqa: S101 (of our own servicer)
        try:
            return makers[resource_type](name, inputs, options or pulumi.ResourceOptions())
        except (SettingsError, PreflightError) as error:
            raise pulumi.RunError(str(error)) from None
