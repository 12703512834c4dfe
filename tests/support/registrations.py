"""`python registrations.py PROGRAM CASES`: print what a copied program registers, with each case's edits in turn.

``CASES`` is a JSON file with a list of cases: ``stack`` names the stack file and ``files`` holds edited sources by
path. The result is a JSON list with one object a case: each resource's inputs and options, by type and logical name.
Each case runs in its own process, forked after the import of the SDKs, which takes most of the time.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any
from unittest import mock

_SDKS = (
    "pulumi.runtime.mocks",
    "pulumi_random",
    "pulumi_kubernetes.apps.v1",
    "pulumi_kubernetes.autoscaling.v2",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.networking.v1",
    "pulumi_kubernetes.policy.v1",
    "pydantic",
    "yaml",
)


def main(program: Path, cases: list[dict[str, Any]]) -> list[Any]:
    """Run each case in a forked process and return what it registers; None if it fails."""
    os.chdir(program)
    sys.path.insert(0, str(program))
    sys.dont_write_bytecode = True  # edits within a second would otherwise run stale bytecode
    for sdk in _SDKS:
        importlib.import_module(sdk)
    return [_forked(case) for case in cases]


def _forked(case: dict[str, Any]) -> Any:
    originals = {path: Path(path).read_text() for path in case["files"]}
    for path, text in case["files"].items():
        Path(path).write_text(text)
    reader, writer = os.pipe()
    if not (child := os.fork()):
        try:
            with os.fdopen(writer, "w") as pipe:
                json.dump(registrations(case["stack"]), pipe)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    for path, text in originals.items():
        Path(path).write_text(text)
    return json.loads(result) if result else None


def registrations(stack: str) -> dict[str, Any]:
    """Return the inputs and options of every resource that the program in the working directory registers."""
    from google.protobuf import json_format

    from ops.render import evaluate
    from ops.render.recorder import Recorder

    registered: dict[str, Any] = {}

    class Recording(Recorder):
        def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (gRPC names the method)
            if request.type != "pulumi:pulumi:Stack":
                registered[f"{request.type.rpartition(':')[2]} {request.name}"] = {
                    **json_format.MessageToDict(request.object),
                    "ignoreChanges": list(request.ignoreChanges),
                }
            return super().RegisterResource(request)

    with mock.patch.object(evaluate, "Recorder", Recording):
        evaluate.evaluate(Path.cwd(), stack)
    return registered


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).absolute(), json.loads(Path(sys.argv[2]).read_text()))))
