"""The plugin's process: a server on a free port, which it prints to the engine as its first line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import grpc.aio
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from ops.provider.servicer import Servicer


def serve(arguments: Sequence[str]) -> None:
    """Serve the components until the engine ends the process. ``arguments``: the engine's address, and flags."""
    address = next((argument for argument in arguments if not argument.startswith("-")), None)
    if address is None:
        sys.exit("This is a plugin that the engine starts: run `pulumi package add` (docs/how-to/other-languages.md).")
    try:
        asyncio.run(_serve(address))
    except KeyboardInterrupt:
        sys.exit(130)


async def _serve(address: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()
