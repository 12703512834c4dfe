"""`python -m tools.lint`: ruff, mypy, the generated documents, workflows; kubeconform over what is rendered, two graders."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from pulumi import RunError

from components.devcluster import binaries
from components.devcluster.catalog import TOOLS_MODULE
from components.devcluster.errors import LocalError
from components.runtime.stack_file import StackFileError
from lab.testbed.baselines import RIVALS, manifests
from ops.render.__main__ import as_yaml
from ops.render.evaluate import evaluate
from tools import graders
from tools.graders import exemptions

PROJECT = Path(__file__).parent.parent
STACKS = sorted(file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml"))


def main() -> int:
    """Exit code 0 when everything is clean."""
    failed = 0
    python = sys.executable
    for name, command in (
        ("ruff", [python, "-m", "ruff", "check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("documents", [python, "-m", "components.settings", "check"]),
        ("documents of the policy pack", [python, "-m", "policy.document", "check"]),
        ("documents of the package", [python, "-m", "ops.provider", "check"]),
    ):
        print(f"== {name} ==", flush=True)
        failed += subprocess.run(command, cwd=PROJECT, check=False).returncode != 0
    try:
        failed += _workflows()
        failed += _manifests()
    except (LocalError, StackFileError, RunError, exemptions.ExemptionsError) as error:
        print(error, flush=True)
        failed += 1
    print("lint: clean" if not failed else f"lint: {failed} checks failed")
    return 1 if failed else 0


def _workflows() -> int:
    print("== actionlint ==", flush=True)
    program = binaries.ensure(print, ["actionlint"])["actionlint"]
    # Without the two programs that it would call where they happen to be: what is found must not depend on the machine.
    files = sorted(str(file) for file in (PROJECT / ".github" / "workflows").glob("*.yml"))
    return int(
        subprocess.run([str(program), "-shellcheck=", "-pyflakes=", *files], cwd=PROJECT, check=False).returncode != 0
    )


def _manifests() -> int:
    failed = 0
    rendered = {stack: as_yaml(evaluate(PROJECT, stack)) for stack in STACKS}
    for stack, text in rendered.items():
        print(f"== kubeconform -strict, stack {stack} ==", flush=True)
        failed += kubeconform(text) != 0
    for rival in RIVALS.values():
        print(f"== kubeconform -strict, rival {rival.name} ==", flush=True)
        made = manifests(rival, name="web", namespace="web", image="web:1", environment={}, cpu="100m")
        failed += kubeconform(yaml.safe_dump_all(made)) != 0
    print("== kube-score and checkov ==", flush=True)
    return failed + graders.run(rendered, exemptions.read())


def kubeconform(text: str, *locations: str) -> int:
    """Checks manifests against the pinned Kubernetes version, and unknown keys too; its exit code.

    ``locations``: where schemas of kinds are that are not part of Kubernetes.
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
    """JSON schemas of the pinned Kubernetes version from its own Go module; None without Go: kubeconform then downloads."""
    go = shutil.which("go")
    if not go:
        return None
    found = subprocess.run(
        [go, "mod", "download", "-json", "k8s.io/kubernetes"],
        cwd=TOOLS_MODULE,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise LocalError(f"the API description of Kubernetes is not to be had: {found.stderr.strip()[-300:]}")
    swagger = json.loads((Path(json.loads(found.stdout)["Dir"]) / "api" / "openapi-spec" / "swagger.json").read_text())
    definitions = swagger["definitions"]
    for definition in definitions.values():
        if "properties" in definition:
            definition["additionalProperties"] = False  # an unknown key is an error; the API leaves that open
    for special in ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity"):
        definitions[special] = {"type": ["string", "integer", "number"]}
    (folder / "definitions.json").write_text(json.dumps({"definitions": definitions}))
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            group = f"-{kind['group'].split('.')[0]}" if kind["group"] else ""
            reference = {"$ref": f"file://{folder}/definitions.json#/definitions/{name}"}
            (folder / f"{kind['kind'].lower()}{group}-{kind['version']}.json").write_text(json.dumps(reference))
    return folder


if __name__ == "__main__":
    sys.exit(main())
