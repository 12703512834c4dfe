"""The plugin in a process of its own, as the engine starts it, and an engine that only records."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from tests.support.fake_engine import SECRET, SIGNATURE, Recorder

PROJECT = Path(__file__).parent.parent.parent
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
REFERENCE, OUTPUT = "5cf8f73096256a8f31e491e813e4eb8e", "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "OUTPUT_VALUES",
    "ALIAS_SPECS",
    "DELETED_WITH",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
)


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Answers like the engine and the providers. In a preview, ids and outputs are unknown."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self.logs: list[str] = []
        self.stacks: dict[str, dict[str, Any]] = {}
        self.preview = False
        self._lock = threading.Lock()

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return resource_pb2.DeploymentInfo(
            supportedFeatures=[getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}") for name in _FEATURES]
        )

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        with self._lock:
            self.requests.append(request)
        parent = f"{request.parent.split('::')[2]}$" if request.parent else ""
        urn = f"urn:pulumi:test::shop::{parent}{request.type}::{request.name}"
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if self.preview:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        given = json_format.MessageToDict(request.object)
        asked = pulumi.runtime.MockResourceArgs(request.type, request.name, given, None, None, True)
        id_, state = Recorder().new_resource(asked)
        state |= {
            key: {SIGNATURE: SECRET, "value": state[key]} for key in request.additionalSecretOutputs if key in state
        }
        answer = struct_pb2.Struct()
        answer.update(state)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=answer)

    def RegisterResourceHook(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return a resource of another program by its URN, or the outputs of another stack."""
        found = struct_pb2.Struct()
        if request.tok == "pulumi:pulumi:readStackOutputs":
            found.update(
                {
                    "name": request.args["name"],
                    "outputs": self.stacks.get(request.args["name"], {}),
                    "secretOutputNames": ["kubeconfig"],
                }
            )
            return resource_pb2.ResourceInvokeResponse(**{"return": found})
        assert request.tok == "pulumi:pulumi:getResource"
        found.update({"urn": request.args["urn"], "id": "made-elsewhere", "state": {}})
        return resource_pb2.ResourceInvokeResponse(**{"return": found})

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802
        with self._lock:
            self.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return empty_pb2.Empty()

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.logs.append(request.message)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        return engine_pb2.GetRootResourceResponse(urn="")

    def SetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        return engine_pb2.SetRootResourceResponse()

    def of(self, suffix: str) -> list[Any]:
        """Return the requests for a type, such as ``apps/v1:Deployment``."""
        return [request for request in self.requests if request.type.endswith(suffix)]


@dataclass
class Answer:
    """The result of constructing a component: its URN and outputs, or the error."""

    urn: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""


class Plugin:
    """A running plugin, and the engine it talks to."""

    def __init__(self, stub: Any, engine: Engine, address: str) -> None:
        self.stub, self.engine, self._address = stub, engine, address

    def schema(self) -> str:
        return str(self.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)

    def version(self) -> str:
        return str(self.stub.GetPluginInfo(empty_pb2.Empty()).version)

    def construct(
        self,
        type_: str,
        name: str,
        inputs: dict[str, Any],
        *,
        preview: bool = True,
        providers: dict[str, str] | None = None,
        protect: bool = False,
    ) -> Answer:
        """Construct a component with inputs in wire format. Forgets what was registered before."""
        self.engine.requests.clear()
        self.engine.preview = preview
        given = struct_pb2.Struct()
        given.update(inputs)
        request = provider_pb2.ConstructRequest(
            project="shop",
            stack="test",
            monitorEndpoint=self._address,
            dryRun=preview,
            parallel=4,
            type=type_,
            name=name,
            inputs=given,
            providers=providers or {},
            protect=protect,
        )
        try:
            answer = self.stub.Construct(request, timeout=60)
        except grpc.RpcError as error:
            return Answer(error=str(error.details()))
        return Answer(answer.urn, json_format.MessageToDict(answer.state))


@contextmanager
def running(folder: Path, before: str = "") -> Iterator[Plugin]:
    """Start the plugin in the folder of a user's program. ``before`` is Python code that its process runs first."""
    engine = Engine()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(engine, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    command = [sys.executable, str(PROJECT / "plugin"), address]
    if before:
        path = f"import sys\nsys.path[0] = {str(PROJECT)!r}"
        start = f"{path}\n{before}\nfrom ops.provider.serve import serve\nserve(sys.argv[1:])"
        command = [sys.executable, "-c", start, address]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel), engine, address)
        finally:
            process.terminate()
            server.stop(None)


@contextmanager
def api_server(zones: list[str]) -> Iterator[str]:
    """Serve an API server that describes its cluster, and yield its kubeconfig (token ``hush-hush``)."""
    nodes = [
        {
            "metadata": {"name": f"node-{zone}", "labels": {"topology.kubernetes.io/zone": zone}},
            "spec": {},
            "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "64Gi", "pods": "110"}},
        }
        for zone in zones
    ]
    answers = {
        "/api/v1/nodes": {"items": nodes},
        "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.0"},
        "/apis": {"groups": [{"name": "metrics.k8s.io"}]},
        "/apis/scheduling.k8s.io/v1/priorityclasses": {"items": []},
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = json.dumps(answers.get(self.path, {})).encode()
            self.send_response(200 if self.path in answers else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "theirs",
                    "contexts": [{"name": "theirs", "context": {"cluster": "c", "user": "u"}}],
                    "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_address[1]}"}}],
                    "users": [{"name": "u", "user": {"token": "hush-hush"}}],
                }
            )
        finally:
            server.shutdown()


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def reference(urn: str) -> dict[str, Any]:
    """Return a resource as an input in wire format."""
    return {SIGNATURE: REFERENCE, "urn": urn, "packageVersion": "", "id": ""}
