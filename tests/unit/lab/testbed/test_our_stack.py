"""Our backend as a subject of drills: what is asked of the engine, what it may not see, and that a kill leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from components.devcluster import processes
from components.settings import SettingsError
from lab.testbed import checkout
from lab.testbed.our_stack import BackgroundDeploy, DeployError, OurStack, on
from ops.cli.pulumi_binary import Engine

PROJECT = Path(__file__).parent.parent.parent.parent.parent
# Says what it was asked and in which surroundings; fails when the stack file says so.
ENGINE = """\
import os, pathlib, sys
print(*sys.argv[1:], {key: value for key, value in sorted(os.environ.items()) if key.startswith("PULUMI_")})
sys.exit(3 if "BREAK" in pathlib.Path(f"Pulumi.{sys.argv[2]}.yaml").read_text() else 0)
"""


@pytest.fixture
def ours(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "theirs")
    monkeypatch.delenv("PULUMI_HOME", raising=False)

    def make(engine="there is none", **settings):
        made = OurStack(
            PROJECT,
            tmp_path / "work",
            "blue",
            where=on(Path("their.yaml"), "prod"),
            log=print,
            settings={"image": "podinfo:6.9.1", **settings},
            engine=engine,
        )
        program = tmp_path / "work" / "blue" / "program" / "engine"
        for file in ("__main__.py", "apply.py"):
            (program / file).write_text(ENGINE)
        return made

    return make


def written(tmp_path):
    return yaml.safe_load((tmp_path / "work" / "blue" / "program" / "Pulumi.blue.yaml").read_text())["config"]


def said(running, text):
    deadline = time.monotonic() + 20
    while running.output != text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_stack_names_the_cluster_and_a_namespace_of_its_own(ours, tmp_path):
    made = ours()
    assert written(tmp_path)["ha-backend:cluster"] == {
        "kind": "existing",
        "kubeconfig": str(Path("their.yaml").absolute()),
        "context": "prod",
        "identifier": "drills",
    }
    assert made.backend.namespace_name == "blue"
    assert ours(namespace="green").backend.namespace_name == "green"


def test_changes_are_merged_and_stay(ours, tmp_path):
    made = ours(health={"startupSeconds": 5}, labels={"a": "b"})
    made.deploy({"health": {"startupPath": "/up"}, "environment": {"X": "1"}})
    made.deploy({"labels": None})
    assert written(tmp_path)["ha-backend:backend"] == {
        "namespace": "blue",
        "image": "podinfo:6.9.1",
        "health": {"startupSeconds": 5, "startupPath": "/up"},
        "environment": {"X": "1"},
    }


def test_a_setting_that_is_none_is_refused_before_anything_runs(ours):
    with pytest.raises(SettingsError, match="replcias"):
        ours(replcias=3)
    made = ours()
    with pytest.raises(SettingsError, match="replicas"):
        made.start_deploy({"replicas": 0})


def test_the_engine_sees_nothing_that_its_user_has_chosen(ours, tmp_path):
    made, folder = ours(Engine("/opt/p/pulumi", "3.250.0")), tmp_path / "work" / "blue"
    running = made.start_deploy()
    running.wait()
    assert running.output.split(" ", 3)[:3] == ["up", "blue", "--skip-preview"]
    passphrase = folder / "passphrase"
    assert eval(running.output.split(" ", 3)[3]) == {  # noqa: S307 (our own words)
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
    }
    assert passphrase.stat().st_mode & 0o777 == 0o600 and len(passphrase.read_text()) == 48
    assert (folder / "home" / "plugins").resolve() == tmp_path / "home" / ".pulumi" / "plugins"
    before = passphrase.read_text()
    made.deploy()
    assert passphrase.read_text() == before


def test_a_failure_is_told_in_the_last_words(ours, tmp_path):
    made = ours()
    with pytest.raises(DeployError, match=r"(?s)ops.cli.apply up blue ended with 3:\nup blue"):
        made.deploy({"environment": {"BREAK": "1"}})
    made.deploy({"environment": None})
    made.destroy()
    assert not (tmp_path / "work" / "blue").exists()


def test_what_was_killed_is_taken_over_before_it_is_destroyed(ours, tmp_path, capsys):
    made = ours()
    program = tmp_path / "work" / "blue" / "program" / "engine" / "apply.py"
    program.write_text("import time; print('on', flush=True); time.sleep(60)")
    said(made.start_deploy(), "on\n")
    program.write_text(ENGINE)
    made.destroy()
    assert capsys.readouterr().out.count("blue: deployed in") == 1
    assert not (tmp_path / "work" / "blue").exists()


def test_one_deployment_at_a_time(ours, tmp_path):
    made = ours()
    (tmp_path / "work" / "blue" / "program" / "engine" / "apply.py").write_text("import time; time.sleep(60)")
    running = made.start_deploy()
    with pytest.raises(RuntimeError, match="blue is being deployed already"):
        made.start_deploy()
    running.kill()
    with pytest.raises(DeployError, match="up blue was killed:\nit said nothing"):
        running.wait()


def test_a_kill_takes_what_has_left_the_process_group(tmp_path):
    child = [sys.executable, "-c", "import time; time.sleep(60)"]
    parent = f"import subprocess, time; subprocess.Popen({child!r}, process_group=0); print('on', flush=True); time.sleep(60)"
    made = BackgroundDeploy([sys.executable, "-c", parent], tmp_path, os.environ, tmp_path / "log")
    said(made, "on\n")
    leader = made._process.pid
    both = processes.of_session(leader)
    assert len(both) == 2 and len({os.getpgid(pid) for pid in both}) == 2
    with pytest.raises(subprocess.TimeoutExpired):
        made.wait(0.1)
    made.kill()
    assert processes.of_session(leader) == [] and not made.running
    made.kill()  # of what has ended: nothing


def test_what_has_ended_was_not_killed(tmp_path):
    made = BackgroundDeploy([sys.executable, "-c", "pass"], tmp_path, os.environ, tmp_path / "log")
    made.wait()
    made.kill()
    assert not made.killed


def test_a_copy_replaces_the_rooms_and_keeps_what_was_deployed(tmp_path):
    copy = checkout.copy(PROJECT, tmp_path / "copy")
    (copy / "settings" / "stray.py").write_text("")
    (copy / ".ha-backend").mkdir()
    assert checkout.copy(PROJECT, copy) == copy
    assert not (copy / "settings" / "stray.py").exists() and (copy / ".ha-backend").exists()
    assert not list(copy.glob("Pulumi.*.yaml")) and not list(copy.rglob("__pycache__"))
    assert (copy / "venv" / "bin" / "python").exists()


def test_a_folder_that_is_no_project_is_not_copied(tmp_path):
    with pytest.raises(FileNotFoundError, match="settings"):
        checkout.copy(tmp_path, tmp_path / "copy")
