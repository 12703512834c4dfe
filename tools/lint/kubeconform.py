"""Checks manifests against the API description of the pinned Kubernetes version; unknown keys are errors."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from components.devcluster import binaries
from components.devcluster.catalog import TOOLS_MODULE

# The API description leaves the type of these two open.
_SCALARS = (
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
)


class SchemaError(Exception):
    """The API description of Kubernetes cannot be obtained."""


def kubeconform(text: str, *locations: str) -> int:
    """Check YAML manifests and return kubeconform's exit code.

    ``locations`` are templates of where to find schemas of kinds that are not part of Kubernetes.
    Raises SchemaError, or the development cluster's error if kubeconform cannot be obtained.
    """
    with tempfile.TemporaryDirectory() as folder:
        schemas = _schemas(Path(folder))
        program = binaries.ensure(print, ["kubeconform"])["kubeconform"]
        command = [str(program), "-strict", "-summary"]
        if schemas:
            command += ["-schema-location", f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"]
        elif locations:
            command += ["-schema-location", "default"]
        for location in locations:
            command += ["-schema-location", location]
        return subprocess.run(command, input=text, text=True, check=False).returncode


def _schemas(folder: Path) -> Path | None:
    """Write JSON schemas from Kubernetes' own Go module; without Go return None, and kubeconform downloads them."""
    go = shutil.which("go")
    if not go:
        return None
    module = subprocess.run(
        [go, "mod", "download", "-json", "k8s.io/kubernetes"],
        cwd=TOOLS_MODULE,
        capture_output=True,
        text=True,
        check=False,
    )
    if module.returncode != 0:
        raise SchemaError(f"cannot obtain the API description of Kubernetes: {module.stderr.strip()[-300:]}")
    swagger = Path(json.loads(module.stdout)["Dir"]) / "api" / "openapi-spec" / "swagger.json"
    definitions = json.loads(swagger.read_text())["definitions"]
    for definition in definitions.values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    for name in _SCALARS:
        definitions[name] = {"type": ["string", "integer", "number"]}
    (folder / "definitions.json").write_text(json.dumps({"definitions": definitions}))
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            group = f"-{kind['group'].split('.')[0]}" if kind["group"] else ""
            reference = {"$ref": f"file://{folder}/definitions.json#/definitions/{name}"}
            (folder / f"{kind['kind'].lower()}{group}-{kind['version']}.json").write_text(json.dumps(reference))
    return folder
