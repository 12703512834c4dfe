"""The package for Python users: all rooms in one, with imports that lead into it, beside modules of the same names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from package.staging import NAME, ROOMS, StagingError, rewritten, stage

PROJECT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("before", "after"), [
    ("from settings import load\n", "from ha_backend.settings import load\n"),
    ("from settings.backend import (\n    Port,\n)\n", "from ha_backend.settings.backend import (\n    Port,\n)\n"),
    ("import preflight\n", "from ha_backend import preflight\n"),
    ("import preflight as p\n", "from ha_backend import preflight as p\n"),
    ("def f():\n    from  local import x  # why\n", "def f():\n    from  ha_backend.local import x  # why\n"),
    ("from local import a; from settings import b\n", "from ha_backend.local import a; from ha_backend.settings import b\n"),
    ("from settings_of_theirs import a\n", "from settings_of_theirs import a\n"),
    ("import os, sys\nfrom . import x\n", "import os, sys\nfrom . import x\n"),
    ('text = "from settings import load"\n# from local import x\n',
     'text = "from settings import load"\n# from local import x\n'),
])
def test_imports_lead_into_the_package_and_all_else_stays(before: str, after: str) -> None:
    assert rewritten(before, "f.py", {"review"}) == after


@pytest.mark.parametrize(("source", "words"), [
    ("import settings.load\n", "f.py:1: import settings.load cannot be led into the package"),
    ("\nimport os, local\n", "f.py:2: import os, local cannot be led"),
    ("from review.judge import x\n", "f.py:1: imports review, which is not in the package: move what is needed"),
])
def test_what_would_lead_out_of_it_is_refused(source: str, words: str) -> None:
    with pytest.raises(StagingError, match=words):
        rewritten(source, "f.py", {"review"})


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage(PROJECT, tmp_path_factory.mktemp("staged"))


def test_every_import_of_the_package_is_its_own_or_installed(staged: Path) -> None:
    for file in staged.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
            assert not {name.partition(".")[0] for name in names} & set(ROOMS), file


def test_data_comes_along_and_commands_do_not(staged: Path) -> None:
    assert (staged / "local" / "tools" / "go.mod").is_file() and (staged / "local" / "kwok" / "stages.yaml").is_file()
    assert (staged / "py.typed").is_file()
    assert not list(staged.rglob("__main__.py")) and not list(staged.rglob("__pycache__"))


PROGRAM = """
import asyncio, sys
asyncio.set_event_loop(asyncio.new_event_loop())
import pulumi
import local, settings  # the user's own
import ha_backend
from ha_backend import Cluster, HighlyAvailableBackend, SettingsError

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return f"{args.name}-id", {**args.inputs, "kubeconfig": "k", "instance": "i"}
    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Mocks(), preview=True)

@pulumi.runtime.test
def program():
    cluster = Cluster("cluster", {"kind": "local"})
    backend = HighlyAvailableBackend(
        "web", {"image": "web:1", "survive": "zone"}, cluster=cluster.facts, connection=cluster.connection,
        opts=pulumi.ResourceOptions(providers=[cluster.provider]))
    print(backend.promise["zone"]["survived"], settings.WHOSE, local.WHOSE)
    for wrong in (lambda: Cluster("c", {"kind": "existing"}), lambda: HighlyAvailableBackend("web", {"imag": "web:1"})):
        try:
            wrong()
        except SettingsError as error:
            print(" ".join(str(error).split()))

program()
print(sorted(name for name in sys.modules if name.split(".")[0] in ("components", "availability", "inspection", "preflight")))
"""


def test_it_works_beside_modules_of_the_same_names(staged: Path, tmp_path: Path) -> None:
    for name in ("settings", "local"):
        (tmp_path / f"{name}.py").write_text("WHOSE = 'theirs'\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, env={"PYTHONPATH": str(staged.parent), "PATH": ""},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "True theirs theirs" and said[-1] == "[]"
    assert "c.kubeconfig: missing" in said[1] and "c.context: missing" in said[1]
    assert "web.imag: unknown key; did you mean 'image'?" in said[2] and "web.image: missing" in said[2]


def test_the_package_is_named_as_it_is_installed() -> None:
    assert NAME.replace("_", "-") in (PROJECT / "pyproject.toml").read_text()
