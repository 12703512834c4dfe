"""Post-deployment verification: fail the update unless the running backend meets its promise."""

from __future__ import annotations

import asyncio

import pulumi

from .backend_scope import BackendScope
from .inspection import client, verifier


def verified(scope: BackendScope, parts: list[pulumi.CustomResource]) -> pulumi.Output[bool]:
    """Return an output that is True once the promise holds, and that fails the update if it does not hold in time.

    The verification runs in every update, even if nothing has changed. Without access to the API server, as in a
    preview, the output is False.
    """
    connection = scope.connection
    if connection is None:
        return pulumi.Output.from_input(False)
    client.load_ahead()  # while the engine works

    async def verify(values: list[object]) -> bool:
        try:
            # In another thread: this one responds to the engine, which may be waiting for other backends of the
            # program.
            steps = verifier.verification_steps(str(values[0]), connection.context, scope.settings, pulumi.log.info)
            while (pause := await asyncio.to_thread(next, steps, None)) is not None:
                await asyncio.sleep(pause)
        except verifier.NotHighlyAvailableError as error:
            raise pulumi.RunError(str(error)) from None
        return True

    return pulumi.Output.all(pulumi.Output.unsecret(connection.kubeconfig), *[part.id for part in parts]).apply(verify)
