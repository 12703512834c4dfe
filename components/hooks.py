"""Resource hooks of the Deployment: what the engine runs before an update, and after a failed one."""

from __future__ import annotations

import pulumi

from .backend_scope import BackendScope
from .connection import Connection
from .errors import tagged
from .errors.verification import RELEASE_JOB_FAILED, REPLICA_HANDOVER_FAILED
from .inspection import failed_job, replica_handover, verifier
from .inspection.client import InspectionError


def of_deployment(scope: BackendScope) -> pulumi.ResourceHookBinding | None:
    """Return hooks that take the replica count back from an autoscaler in time, and that diagnose a failed release.

    None if the component has no access to the API server.
    """
    if scope.connection is None:
        return None
    return pulumi.ResourceHookBinding(
        before_update=_without_own_autoscaler(scope, scope.connection, "fixed-number"),
        on_error=[_diagnosis(scope, scope.connection)],
    )


def of_release_job(scope: BackendScope, job: str) -> pulumi.ResourceHookBinding | None:
    """Return the hooks that log why the Job of a release failed, and that run it anew in the next update.

    None if the component has no access to the API server.
    """
    connection, namespace = scope.connection, scope.settings.namespace_name
    if connection is None:
        return None

    async def log_cause(_: pulumi.ErrorHookArgs) -> bool:
        kubeconfig = await connection.kubeconfig.future() or ""
        pulumi.log.error(failed_job.diagnose(kubeconfig, connection.context, job, namespace))
        return False  # do not retry

    async def run_anew(_: pulumi.ResourceHookArgs) -> None:
        try:
            failed_job.restart(await connection.kubeconfig.future() or "", connection.context, job, namespace)
        except InspectionError as error:
            text = f"Job {job} has failed and cannot be run again: {error.text}: delete it yourself"
            raise pulumi.RunError(tagged(text, RELEASE_JOB_FAILED)) from None

    return pulumi.ResourceHookBinding(
        before_update=[pulumi.ResourceHook(f"{scope.prefix}-job-again", run_anew)],
        on_error=[pulumi.ErrorHook(f"{scope.prefix}-job-why", log_cause)],
    )


def of_scaled_object(scope: BackendScope) -> pulumi.ResourceHookBinding | None:
    """Return the hook that deletes the stack's own autoscaler before KEDA's takes its place.

    None if the component has no access to the API server.
    """
    if scope.connection is None:
        return None
    return pulumi.ResourceHookBinding(before_create=_without_own_autoscaler(scope, scope.connection, "keda"))


def _without_own_autoscaler(
    scope: BackendScope, connection: Connection, suffix: str
) -> list[pulumi.ResourceHook | pulumi.ResourceHookFunction]:
    """Return the hook that deletes an autoscaler which the settings no longer enable; none if they enable it.

    The engine deletes a removed autoscaler last. Until then it would set its own replica count once more, and win.
    """
    backend, owner = scope.settings, scope.settings.autoscaling.replicas_owner
    if owner == "hpa":
        return []

    async def delete_autoscaler(_: pulumi.ResourceHookArgs) -> None:
        try:
            deleted = replica_handover.delete_own_autoscaler(
                await connection.kubeconfig.future() or "", connection.context, backend.name, backend.namespace_name
            )
        except InspectionError as error:
            text = (
                f"the autoscaler of {backend.name} cannot be removed before the replica count has another "
                f"owner: {error.text}: fix that, or delete the autoscaler yourself"
            )
            raise pulumi.RunError(tagged(text, REPLICA_HANDOVER_FAILED)) from None
        if deleted:
            pulumi.log.info(
                f"the autoscaler of {backend.name} is removed first: from now on "
                + ("the replica count is fixed" if owner == "settings" else f"{owner} owns the replica count")
            )

    return [pulumi.ResourceHook(f"{scope.prefix}-{suffix}", delete_autoscaler)]


def _diagnosis(scope: BackendScope, connection: Connection) -> pulumi.ErrorHook:
    """Return the hook that logs why pods do not become ready: the provider reports only that its timeout is over."""

    async def log_cause(_: pulumi.ErrorHookArgs) -> bool:
        pulumi.log.error(
            verifier.diagnose_release(await connection.kubeconfig.future() or "", connection.context, scope.settings)
        )
        return False  # do not retry

    return pulumi.ErrorHook(f"{scope.prefix}-why", log_cause)
