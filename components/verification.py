"""The end of every `up`: what was deployed is asked for whether it keeps its promise. It is red where it does not."""

from __future__ import annotations

import asyncio

import pulumi

from .backend_scope import Scope
from .inspection import client, verification


def verified(scope: Scope, parts: list[pulumi.CustomResource]) -> pulumi.Output[bool]:
    """True once everything is; an error that names what is not. Asked each time, also where nothing has changed.

    Without a way to the API server, as in a preview, nothing is asked and it is False.
    """
    connection = scope.connection
    if connection is None:
        return pulumi.Output.from_input(False)
    client.load_ahead()  # while the engine works

    async def ask(answers: list[object]) -> bool:
        try:
            # Asked beside this thread, which answers the engine meanwhile: there may be other backends that it waits for.
            steps = verification.proving(str(answers[0]), connection.context, scope.settings, pulumi.log.info)
            while (pause := await asyncio.to_thread(next, steps, None)) is not None:
                await asyncio.sleep(pause)
        except verification.NotHighlyAvailable as error:
            raise pulumi.RunError(str(error)) from None
        return True

    return pulumi.Output.all(pulumi.Output.unsecret(connection.kubeconfig), *[part.id for part in parts]).apply(ask)
