"""The commands around the engine: which engine, whose state, and one clear message for what a user can act on."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from components import folders
from components.devcluster import binaries
from components.runtime.stack_file import settings
from ops.cli import lock as locks
from ops.cli import state
from ops.cli.kubectl_apply import Applied
from ops.cli.pulumi_binary import Engine, find
from ops.cli.run import Runner
from ops.cli.trial import Trial, TrialError
from tools import test

PROJECT = Path(__file__).parent.parent.parent.parent.parent


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """Somebody who has chosen no backend."""
    for name in list(os.environ):
        if name.startswith("PULUMI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


def test_without_a_choice_the_state_is_local_and_its_passphrase_private(nobody):
    chosen = state.choose(nobody, "dev")
    passphrase = Path(chosen.environment["PULUMI_CONFIG_PASSPHRASE_FILE"])
    assert chosen.local and chosen.environment["PULUMI_BACKEND_URL"] == f"file://{nobody}/.ha-backend/state"
    assert stat.S_IMODE(passphrase.stat().st_mode) == 0o600 and len(passphrase.read_text()) >= 40
    assert state.choose(nobody, "dev").environment == chosen.environment
    assert passphrase.read_text() not in repr(chosen)


@pytest.mark.parametrize("name", ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"])
def test_a_backend_chosen_by_environment_is_used(nobody, monkeypatch, name):
    monkeypatch.setenv(name, "s3://mine")
    chosen = state.choose(nobody, "dev")
    assert not chosen.local and chosen.environment == {} and chosen.arguments == ["--stack", "dev"]
    assert not (nobody / ".ha-backend").exists()


def test_a_backend_chosen_by_login_is_used(nobody):
    (nobody / "home").mkdir()
    (nobody / "home" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    assert not state.choose(nobody, "dev").local


def test_a_passphrase_of_the_users_own_is_used(nobody, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "mine")
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in state.choose(nobody, "dev").environment


def test_the_engines_salt_goes_into_the_copy_and_the_stack_file_stays_as_it_was(nobody):
    chosen, file = state.choose(nobody, "dev"), nobody / "Pulumi.dev.yaml"
    before = file.read_bytes()
    file.write_text(file.read_text() + "encryptionsalt: v1:abc\n")
    chosen.keep_salt(before)
    assert file.read_bytes() == before
    file.write_text("config: {a: 1}\n")
    chosen.refresh_copy()
    copy = Path(chosen.arguments[-1]).read_text()
    assert "config: {a: 1}" in copy and copy.count("encryptionsalt: v1:abc") == 1


def test_an_old_engine_is_refused_with_its_version(tmp_path, monkeypatch):
    old = tmp_path / "pulumi"
    old.write_text("#!/bin/sh\necho v3.249.9\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path, print, install=False) == f"{old} is version 3.249.9, and 3.250.0 or later is needed"


@pytest.mark.parametrize("version", ["3.250.0", "3.272.0", "4.0.1"])
def test_a_recent_engine_is_used(tmp_path, monkeypatch, version):
    path = tmp_path / "pulumi"
    path.write_text(f"#!/bin/sh\necho v{version}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path, print, install=False) == Engine(str(path), version)


def test_the_trial_is_refused_for_an_existing_cluster():
    with pytest.raises(TrialError, match=r"existing cluster.*install pulumi"):
        Trial(PROJECT, "prod", settings(PROJECT, "prod"), print)


@pytest.mark.parametrize("command", ["up", "preview", "destroy", "env"])
def test_an_unknown_stack_is_one_message_and_no_traceback(command):
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", command, "stging"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "Stacks here: dev, prod" in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_suite_is_one_message():
    done = subprocess.run(
        [sys.executable, "-m", "tools.test", "untit"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "right would be: unit, cluster, nodes, engine" in done.stderr


def test_why_a_test_failed_is_said_again_at_the_end_of_a_run():
    long = "x" * 5000 + "the reason"
    first, second = test._failures(
        f"""<testsuites><testsuite><testcase classname="tests.engine.a" name="one"><failure message="{long}"/></testcase>
        <testcase classname="tests.engine.a" name="two"/>
        <testcase classname="tests.engine.a" name="three"><error message="line&#10;more"/></testcase></testsuite>
        </testsuites>"""
    )
    assert first.startswith("FAILED tests.engine.a::one") and first.endswith("the reason\n") and len(first) < 2200
    assert second == "FAILED tests.engine.a::three\n  line\n  more\n"


@pytest.fixture
def engine(tmp_path):
    """A pulumi that writes down how it is called; nothing was interrupted."""
    path = tmp_path / "pulumi"
    path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ "$3" = export ] && echo \'{{}}\'\nexit 0\n')
    path.chmod(0o755)
    return Engine(str(path), "3.250.0")


def test_what_a_user_adds_to_up_reaches_the_engine(nobody, engine):
    runner = Runner(engine, state.choose(nobody, "dev"), print)
    assert runner.up(["--refresh", "--target", "x"]) == 0
    (up,) = [line for line in (nobody / "calls").read_text().splitlines() if " up " in line]
    assert up.startswith("--non-interactive up --yes ") and up.endswith(" --refresh --target x")


def test_a_kubeconfig_that_a_provider_leaves_in_a_temporary_file_is_removed(nobody, engine):
    path = Path(engine.path)
    path.write_text(
        "#!/bin/sh\n[ \"$3\" = export ] && echo '{}'\necho secret > $TMPDIR/kubeconfig123\n"
        f"echo $TMPDIR >> {nobody}/told\nexit 0\n"
    )
    runner = Runner(engine, state.choose(nobody, "dev"), print)
    cluster = folders.cluster(nobody, "dev")
    cluster.mkdir(parents=True)
    assert runner.up([]) == 0
    (used,) = {Path(line) for line in (nobody / "told").read_text().splitlines()}
    assert used == folders.temporary(nobody, "dev")
    assert (used.stat().st_mode & 0o777, list(used.iterdir())) == (0o700, []), "the cluster's programs may use it"
    cluster.rmdir()
    runner.preview([])
    assert not used.exists()


def kept(runner, state, project, stack):
    """The state of a stack, as the engine keeps it in files."""
    file = state.folder / ".pulumi" / "stacks" / project / f"{stack}.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    return runner.exists()


def test_a_stack_of_that_name_of_another_program_is_not_ours(nobody, engine):
    """Such as the platform's, whose stacks are in the same state."""
    chosen = state.choose(nobody, "dev")
    runner = Runner(engine, chosen, print)
    assert not kept(runner, chosen, "platform", "dev")
    assert kept(runner, chosen, "ha-backend", "dev")


def test_nobody_waits_for_a_lock_of_another_program(nobody):
    folder = state.choose(nobody, "dev").folder
    for project in ("platform", "ha-backend"):
        lock = folder / ".pulumi" / "locks" / "organization" / project / "dev" / "one.json"
        lock.parent.mkdir(parents=True)
        lock.write_text('{"pid": 2147483647}')
    taken = []
    locks.free(folder, "dev", lambda: taken.append("cancel"), print)
    assert taken == ["cancel"]
    assert [file.parts[-3] for file in folder.rglob("one.json")] == ["platform"]


@pytest.mark.parametrize(("others", "stays"), [("[]", False), ('[{"name": "organization/platform/dev"}]', True)])
def test_a_local_state_stays_while_others_are_in_it(nobody, engine, others, stays):
    path = Path(engine.path)
    path.write_text(f"#!/bin/sh\n[ \"$2 $3 $4\" = 'stack ls --all' ] && echo '{others}'\nexit 0\n")
    chosen = state.choose(nobody, "dev")
    assert Runner(engine, chosen, print).destroy() == 0
    assert chosen.folder.exists() is stays


def test_the_trial_takes_back_a_field_that_somebody_else_changed(monkeypatch):
    applied, calls = Applied(Path("kubeconfig"), settings(PROJECT, "dev"), print), []

    def kubectl(*words, stdin=None, accept=(0,)):
        calls.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(applied, "_kubectl", kubectl)
    applied._apply({"kind": "Namespace", "metadata": {"name": "team"}}, [])
    (pruning,) = [words for words in calls if "--prune" in words]
    assert "--server-side" in pruning and "--force-conflicts" in pruning


@pytest.fixture
def kubectl(monkeypatch):
    """A kubectl that writes down its arguments, and answers what the test wants."""
    calls, answers = [], {}

    def test(command, **more):
        calls.append(command[1:])
        answer = next((out for words, out in answers.items() if words in " ".join(command)), "")
        return subprocess.CompletedProcess(command, 0, answer, "")

    monkeypatch.setattr(subprocess, "run", test)
    monkeypatch.setattr(binaries, "ensure", lambda log, names: {"kubectl": Path("kubectl")})
    return calls, answers


def test_every_call_of_kubectl_names_the_cluster(kubectl):
    calls, answers = kubectl
    answers["get secret ha-backend"] = "{}"
    Applied(Path("theirs"), settings(PROJECT, "dev"), print, "blue").remove()
    assert len(calls) == 2 and all(call[:4] == ["--kubeconfig", "theirs", "--context", "blue"] for call in calls)
    assert calls[1][4:7] == ["delete", "namespace", "backend-service"]


def test_a_namespace_that_we_did_not_apply_is_not_removed(kubectl):
    calls, _ = kubectl
    Applied(Path("theirs"), settings(PROJECT, "dev"), print).remove()
    (asked,) = calls
    assert "get" in asked and "--context" not in asked
