"""The plugin's side of the engine's protocol: components by the SDK's servicer, and CRUD of the embedded cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.provider.server import ProviderServicer
from pulumi.runtime import proto, rpc

from components import folders
from components.devcluster.errors import DevClusterError
from components.embedded_cluster import EmbeddedClusterProvider
from ops.provider import references, tokens
from ops.provider.construction import DEFERRED
from ops.provider.inputs import read
from ops.provider.provider import Components

Result = TypeVar("Result")
_request: ContextVar[Any] = ContextVar("request")


class Servicer(ProviderServicer):
    """Serves the engine for one deployment."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(Components(), [], engine_address)
        references.register()
        self._embedded = EmbeddedClusterProvider()

    async def Construct(self, request: Any, context: Any) -> Any:  # noqa: N802 (the names are gRPC's)
        """Construct a component. What a user can act on reaches them as text."""
        _request.set(request)  # visible to this call only: each call has a context of its own
        try:
            return await super().Construct(request, context)
        except pulumi.RunError as error:
            return await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    async def _construct_inputs(self, inputs: Any, input_dependencies: Any) -> Any:  # type: ignore[override]
        values = await ProviderServicer._construct_inputs(inputs, input_dependencies)
        request = _request.get()
        return await read(values, request.name, DEFERRED if request.type == tokens.BACKEND else frozenset())

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Accept the inputs: they were validated as settings."""
        return proto.CheckResponse(inputs=request.news)

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Compare the inputs, and whether the cluster runs."""
        found = await self._done(context, self._embedded.diff, request.id, _plain(request.olds), _plain(request.news))
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if found.changes else proto.DiffResponse.DIFF_NONE,
            replaces=found.replaces or [],
            deleteBeforeReplace=bool(found.delete_before_replace),
        )

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Create the cluster."""
        made = await self._done(context, self._embedded.create, _plain(request.properties))
        return proto.CreateResponse(id=made.id, properties=await _marked(made.outs))

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Restart the cluster, or load images."""
        found = await self._done(context, self._embedded.update, request.id, _plain(request.olds), _plain(request.news))
        return proto.UpdateResponse(properties=await _marked(found.outs))

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return whether the cluster exists."""
        found = await self._done(context, self._embedded.read, request.id, _plain(request.properties))
        return proto.ReadResponse(id=found.id or "", properties=await _marked(found.outs), inputs=request.inputs)

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Delete the cluster: its processes, its directory, and parent directories that are then empty."""
        props = _plain(request.properties)
        await self._done(context, self._embedded.delete, request.id, props)
        folders.tidy_around(Path(props["folder"]))
        return empty_pb2.Empty()

    async def _done(self, context: Any, verb: Callable[..., Result], *args: Any) -> Result:
        """Run an operation in a thread, next to other calls."""
        try:
            return await asyncio.to_thread(verb, *args)
        except DevClusterError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise


def _plain(properties: Any) -> dict[str, Any]:
    return {name: rpc.unwrap_rpc_secret(value) for name, value in rpc.deserialize_properties(properties, True).items()}


async def _marked(outputs: dict[str, Any] | None) -> Any:
    """Serialize outputs, with the kubeconfig marked as a secret."""
    known = dict(outputs or {})
    if known.get("kubeconfig"):
        known["kubeconfig"] = rpc.wrap_rpc_secret(known["kubeconfig"])
    return await rpc.serialize_properties(known, {})
