"""The package as the engine sees it: its schema, and the construction of a component."""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from components import PreflightError, SettingsError
from components.errors import clusters as errors
from components.errors import tagged
from ops.provider import tokens
from ops.provider.construction import Construction
from ops.provider.inputs import Inputs
from ops.provider.schema import schema
from ops.provider.version import version


class Components(Provider):
    """Constructs components for programs in any language. Errors that a user can act on have no traceback."""

    def __init__(self) -> None:
        super().__init__(version(), json.dumps(schema()))
        self._construction = Construction()

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Construct one component. ``inputs`` are ``Inputs``, from this package's servicer. Raises RunError."""
        constructors = {tokens.CLUSTER: self._construction.cluster, tokens.BACKEND: self._construction.backend}
        if resource_type not in constructors:
            text = f"{resource_type} is not in {tokens.PACKAGE} {self.version}: use one of {', '.join(constructors)}"
            raise pulumi.RunError(tagged(text, errors.UNKNOWN_RESOURCE_TYPE))
        assert isinstance(inputs, Inputs)  # noqa: S101 (from this package's servicer)
        try:
            return constructors[resource_type](name, inputs, options or pulumi.ResourceOptions())
        except (SettingsError, PreflightError) as error:
            raise pulumi.RunError(str(error)) from None
