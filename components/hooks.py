"""What happens around an update of the Deployment, as the engine's own hooks."""

from __future__ import annotations

import pulumi

from .backend_scope import Scope
from .connection import Connection
from .inspection import replica_handover, verification


def of_deployment(scope: Scope) -> pulumi.ResourceHookBinding | None:
    """Takes the number of pods back from an autoscaler in time, and says what is wrong with a release that does not start.

    None where the component has no way to the API server.
    """
    if scope.connection is None:
        return None
    return pulumi.ResourceHookBinding(
        before_update=_fixed_number(scope, scope.connection), on_error=[_why(scope, scope.connection)]
    )


def _fixed_number(scope: Scope, connection: Connection) -> list[pulumi.ResourceHook | pulumi.ResourceHookFunction]:
    """The engine deletes a removed autoscaler last; until then it would set its own number once more, and win."""
    backend = scope.settings
    if backend.autoscaling.enabled:
        return []

    async def release(_: pulumi.ResourceHookArgs) -> None:
        if replica_handover.release(
            await connection.kubeconfig.future() or "", connection.context, backend.name, backend.namespace_name
        ):
            pulumi.log.info(
                f"the autoscaler of {backend.name} is removed first: the number of pods is fixed from now on"
            )

    return [pulumi.ResourceHook(f"{scope.prefix}-fixed-number", release)]


def _why(scope: Scope, connection: Connection) -> pulumi.ErrorHook:
    """The provider gives up when its time is over; the pods know the reason."""

    async def tell(_: pulumi.ErrorHookArgs) -> bool:
        pulumi.log.error(
            verification.diagnosis(await connection.kubeconfig.future() or "", connection.context, scope.settings)
        )
        return False  # no second try

    return pulumi.ErrorHook(f"{scope.prefix}-why", tell)
