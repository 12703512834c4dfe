"""A stack as a subject of drills: the engine's arguments and environment, and that a kill leaves no process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.devcluster import processes
from components.settings import SettingsError
from lab.testbed import checkout
from lab.testbed.our_stack import BackgroundDeploy, DeployError, OurStack, on
from ops.cli.pulumi_binary import Engine

PROJECT = Path(__file__).parent.parent.parent.parent.parent
Make = Callable[..., OurStack]
# Prints its arguments and the engine's variables; fails if the stack file contains BREAK.
ENGINE = """\
import os, pathlib, sys
print(*sys.argv[1:], {key: value for key, value in sorted(os.environ.items()) if key.startswith("PULUMI_")})
sys.exit(3 if "BREAK" in pathlib.Path(f"Pulumi.{sys.argv[2]}.yaml").read_text() else 0)
"""


def cli(tmp_path: Path) -> Path:
    return tmp_path / "work" / "blue" / "program" / "ops" / "cli"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "the user's")
    monkeypatch.delenv("PULUMI_HOME", raising=False)

    def make(engine: Engine | str = "there is none", **settings: Any) -> OurStack:
        stack = OurStack(
            PROJECT,
            tmp_path / "work",
            "blue",
            where=on(Path("their.yaml"), "prod"),
            log=print,
            settings={"image": "podinfo:6.9.1", **settings},
            engine=engine,
        )
        for file in ("__main__.py", "apply.py"):
            (cli(tmp_path) / file).write_text(ENGINE)
        return stack

    return make


def written(tmp_path: Path) -> dict[str, Any]:
    content = yaml.safe_load((tmp_path / "work" / "blue" / "program" / "Pulumi.blue.yaml").read_text())
    config: dict[str, Any] = content["config"]
    return config


def await_output(deploy: BackgroundDeploy, text: str) -> None:
    deadline = time.monotonic() + 20
    while deploy.output != text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_stack_names_the_cluster_and_a_namespace_of_its_own(make: Make, tmp_path: Path) -> None:
    stack = make()
    assert written(tmp_path)["ha-backend:cluster"] == {
        "kind": "existing",
        "kubeconfig": str(Path("their.yaml").absolute()),
        "context": "prod",
        "identifier": "drills",
    }
    assert stack.backend.namespace_name == "blue"
    assert make(namespace="green").backend.namespace_name == "green"


def test_changes_are_merged_and_stay(make: Make, tmp_path: Path) -> None:
    stack = make(health={"startupSeconds": 5}, labels={"a": "b"})
    stack.deploy({"health": {"startupPath": "/up"}, "environment": {"X": "1"}})
    stack.deploy({"labels": None})
    assert written(tmp_path)["ha-backend:backend"] == {
        "namespace": "blue",
        "image": "podinfo:6.9.1",
        "health": {"startupSeconds": 5, "startupPath": "/up"},
        "environment": {"X": "1"},
    }


def test_an_unknown_setting_is_rejected_before_anything_runs(make: Make) -> None:
    with pytest.raises(SettingsError, match="replcias"):
        make(replcias=3)
    stack = make()
    with pytest.raises(SettingsError, match="replicas"):
        stack.start_deploy({"replicas": 0})


def test_the_engine_is_isolated_from_the_user_s_configuration(make: Make, tmp_path: Path) -> None:
    stack, folder = make(Engine("/opt/p/pulumi", "3.250.0")), tmp_path / "work" / "blue"
    deploy = stack.start_deploy()
    deploy.wait()
    assert deploy.output.split(" ", 3)[:3] == ["up", "blue", "--skip-preview"]
    passphrase = folder / "passphrase"
    assert eval(deploy.output.split(" ", 3)[3]) == {  # noqa: S307 (printed by the code above)
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
    }
    assert passphrase.stat().st_mode & 0o777 == 0o600 and len(passphrase.read_text()) == 48
    assert (folder / "home" / "plugins").resolve() == tmp_path / "home" / ".pulumi" / "plugins"
    before = passphrase.read_text()
    stack.deploy()
    assert passphrase.read_text() == before


def test_a_failure_is_reported_with_the_end_of_its_output(make: Make, tmp_path: Path) -> None:
    stack = make()
    with pytest.raises(DeployError, match=r"(?s)ops.cli.apply up blue failed with exit code 3:\nup blue"):
        stack.deploy({"environment": {"BREAK": "1"}})
    stack.deploy({"environment": None})
    stack.destroy()
    assert not (tmp_path / "work" / "blue").exists()


def test_a_killed_deployment_is_resumed_before_the_stack_is_destroyed(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = make()
    (cli(tmp_path) / "apply.py").write_text("import time; print('on', flush=True); time.sleep(60)")
    await_output(stack.start_deploy(), "on\n")
    (cli(tmp_path) / "apply.py").write_text(ENGINE)
    stack.destroy()
    assert capsys.readouterr().out.count("blue: deployed in") == 1
    assert not (tmp_path / "work" / "blue").exists()


def test_one_deployment_at_a_time(make: Make, tmp_path: Path) -> None:
    stack = make()
    (cli(tmp_path) / "apply.py").write_text("import time; time.sleep(60)")
    deploy = stack.start_deploy()
    with pytest.raises(RuntimeError, match="blue is already being deployed"):
        stack.start_deploy()
    deploy.kill()
    with pytest.raises(DeployError, match="up blue was killed:\nit printed nothing"):
        deploy.wait()


def test_a_kill_includes_processes_outside_the_process_group(tmp_path: Path) -> None:
    child = [sys.executable, "-c", "import time; time.sleep(60)"]
    parent = (
        f"import subprocess, time; subprocess.Popen({child!r}, process_group=0); "
        "print('on', flush=True); time.sleep(60)"
    )
    deploy = BackgroundDeploy([sys.executable, "-c", parent], tmp_path, os.environ, tmp_path / "log")
    await_output(deploy, "on\n")
    leader = deploy._process.pid
    both = processes.of_session(leader)
    assert len(both) == 2 and len({os.getpgid(pid) for pid in both}) == 2
    with pytest.raises(subprocess.TimeoutExpired):
        deploy.wait(0.1)
    deploy.kill()
    assert processes.of_session(leader) == [] and not deploy.running
    deploy.kill()  # after it has exited: nothing happens


def test_a_deployment_that_has_exited_was_not_killed(tmp_path: Path) -> None:
    deploy = BackgroundDeploy([sys.executable, "-c", "pass"], tmp_path, os.environ, tmp_path / "log")
    deploy.wait()
    deploy.kill()
    assert not deploy.killed


def test_a_copy_replaces_the_packages_and_keeps_the_state(tmp_path: Path) -> None:
    copy = checkout.copy(PROJECT, tmp_path / "copy")
    (copy / "components" / "stray.py").write_text("")
    (copy / ".ha-backend").mkdir()
    assert checkout.copy(PROJECT, copy) == copy
    assert not (copy / "components" / "stray.py").exists() and (copy / ".ha-backend").exists()
    assert not list(copy.glob("Pulumi.*.yaml")) and not list(copy.rglob("__pycache__"))
    assert (copy / "venv" / "bin" / "python").exists()


def test_a_folder_that_is_not_the_project_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="components"):
        checkout.copy(tmp_path, tmp_path / "copy")
