"""The plugin's beginning: this folder is a program, and what programs of others are given by PulumiPlugin.yaml."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path


def asked(arguments: Sequence[str]) -> bool:
    """Whether the engine has started this folder as a plugin: ``python FOLDER ADDRESS``. As a program it gets no argument."""
    return len(arguments) > 1 and Path(arguments[0]).absolute() == Path(__file__).absolute().parent.parent


def serve(arguments: Sequence[str]) -> None:
    """Serves the components until the engine ends this process. ``arguments`` are those of the command line."""
    import grpc.aio  # not for a program, which reads this file too
    from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
    from pulumi.runtime.proto import provider_pb2_grpc

    from package.servicer import Servicer

    async def run() -> None:
        server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
        address = next(argument for argument in arguments[1:] if not argument.startswith("-"))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(address), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        print(port, flush=True)  # what the engine waits for
        await server.wait_for_termination()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        sys.exit(130)
