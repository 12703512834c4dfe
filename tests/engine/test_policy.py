"""The policy pack on the real engine: our stack passes; a program with defects and its state are rejected."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.cli.pulumi_binary import Engine, find
from tests.engine.conftest import PROJECT, Project

PACK = PROJECT / "policy"
SOURCE = Path(__file__).parent / "violating_program.py"
REMEDIABLE = {"budget-unhealthy-pods", "end-without-shell", "privilege-no-token", "spread-releases-apart"}
VIOLATED = REMEDIABLE | {
    "autoscaler-owns-number",
    "autoscaler-request",
    "autoscaler-room",
    "autoscaler-spare",
    "autoscaler-step",
    "budget-lets-go",
    "configuration-new-name",
    "end-in-time",
    "image-digest",
    "image-version",
    "node-loss-seconds",
    "privilege-hardened",
    "privilege-none",
    "privilege-own-namespaces",
    "probe-readiness",
    "release-keeps-all",
    "release-waits",
    "resources-bounded",
    "resources-requested",
    "selector-few-labels",
    "selector-no-release",
    "service-no-jobs",
    "spread-soft-nodes",
    "spread-zones",
}
SECRET = "never to be shown"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Create the pack's own virtualenv, as make does."""
    subprocess.run(["make", "policy/venv/.installed"], cwd=PROJECT, check=True)


class Program:
    """A user's program in its own folder, with its own state and without a cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(SOURCE, folder / "__main__.py")
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "user", "runtime": runtime}))
        (folder / "venv").symlink_to(sys.prefix)
        (folder / "state").mkdir()

    def pulumi(
        self, *words: str, login: bool = True, secrets: bool = True, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the engine, optionally without a login or without the passphrase."""
        engine = find(PROJECT, print, install=False)
        assert isinstance(engine, Engine)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        state = {"PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}"}
        # Without a home directory there is no login.
        no_login = {"HOME": str(self.folder / "nobody"), "PULUMI_HOME": str(self.folder / "nobody")}
        environment = {
            **inherited,
            **(state if login else no_login),
            "PATH": f"{Path(engine.path).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # for the log of events
            **({"PULUMI_CONFIG_PASSPHRASE": "only in this test"} if secrets else {}),
            **more,
        }
        return subprocess.run(
            [engine.path, "--non-interactive", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    def config(self, **rules: Any) -> str:
        """Write a configuration of the pack, and return its path."""
        file = self.folder / "policy.json"
        file.write_text(json.dumps(rules))
        return str(file)


def violations(lines: str) -> set[tuple[str, str]]:
    """Return rule and resource of every violation in the events, one event a line."""
    events = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    policy_events = [event["policyEvent"] for event in events if event.get("policyEvent")]
    return {(one["policyName"], one["resourceUrn"].rpartition("::")[2]) for one in policy_events}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program with defects."""
    user = Program(tmp_path_factory.mktemp("user"))
    assert user.pulumi("stack", "init", "dev").returncode == 0
    return user


@pytest.fixture(scope="module")
def previewed(program: Program) -> set[tuple[str, str]]:
    """The violations in a preview, from the engine's events; some on a cluster that does not exist yet."""
    log = program.folder / "events.json"
    done = program.pulumi(
        "preview", "--stack", "dev", "--policy-pack", str(PACK), "--event-log", str(log), WITH_LATER="1"
    )
    assert done.returncode != 0, done.stdout
    assert SECRET not in done.stdout + done.stderr + log.read_text()
    for rule in VIOLATED:
        assert rule in done.stdout, done.stdout
    assert "spec.minAvailable is 3, and the Deployment web may have no more than 3 pods" in done.stdout
    return violations(log.read_text())


def test_a_program_with_defects_is_rejected_and_every_rule_is_named(previewed: set[tuple[str, str]]) -> None:
    assert {rule for rule, _ in _now(previewed)} == VIOLATED
    assert {("budget-lets-go", "guard"), ("service-no-jobs", "front"), ("autoscaler-owns-number", "web")} <= previewed


def test_known_values_are_judged_before_the_cluster_exists(previewed: set[tuple[str, str]]) -> None:
    later = {(rule, name.removeprefix("later-")) for rule, name in previewed - _now(previewed)}
    assert (
        {("service-no-jobs", "front"), ("probe-readiness", "web"), ("privilege-none", "web")}
        <= later
        <= _now(previewed)
    )


def _now(previewed: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(rule, name) for rule, name in previewed if not name.startswith("later-")}


def test_remediation_works_and_the_exported_state_is_judged_the_same_without_a_login(
    program: Program, previewed: set[tuple[str, str]]
) -> None:
    config = program.config(all="advisory", **dict.fromkeys(REMEDIABLE, "remediate"))
    done = program.pulumi(
        "up", "--yes", "--skip-preview", "--stack", "dev", "--policy-pack", str(PACK), "--policy-pack-config", config
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rendered = "\n".join(file.read_text() for file in (program.folder / "rendered").rglob("*.yaml"))
    for fixed in (
        "unhealthyPodEvictionPolicy: AlwaysAllow",
        "automountServiceAccountToken: false",
        "- pod-template-hash",
    ):
        assert fixed in rendered
    assert "seconds: 5" in rendered and "exec:" not in rendered

    state = program.folder / "state.json"
    assert program.pulumi("stack", "export", "--stack", "dev", "--file", str(state)).returncode == 0
    assert SECRET not in state.read_text()
    analyze = ("policy", "analyze", "--policy-pack", str(PACK), "--file", str(state), "--json")
    judged, unread = (program.pulumi(*analyze, login=False, secrets=secrets) for secrets in (True, False))
    expected = {(rule, name) for rule, name in _now(previewed) if rule not in REMEDIABLE}
    assert violations(judged.stdout) == expected
    # Without the passphrase, a list that contains a secret is unknown as a whole.
    assert violations(unread.stdout) < expected
    assert judged.returncode != 0 and unread.returncode != 0
    assert SECRET not in judged.stdout + judged.stderr + unread.stdout + unread.stderr


@pytest.fixture(scope="module")
def ours(project: Project) -> Project:
    """A copy of this project with the policy pack."""
    shutil.copytree(PACK, project.folder / "policy", ignore=shutil.ignore_patterns("venv", "__pycache__"))
    (project.folder / "policy" / "venv").symlink_to(PACK / "venv")
    return project


def test_our_stack_passes_before_the_cluster_exists(ours: Project) -> None:
    done = ours.make("policy", "STACK=dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ha-backend@v" in done.stdout
    for word in ("mandatory", "advisory"):
        assert f"[{word}]" not in done.stdout


def test_a_stack_can_tighten_a_rule_which_shows_that_it_is_judged(ours: Project) -> None:
    file = ours.folder / "policy" / "config" / "dev.json"
    file.write_text(
        '{"node-loss-seconds": {"enforcementLevel": "mandatory", "maxSeconds": 1}, "image-digests": "advisory"}'
    )
    rejected = ours.make("policy", "STACK=dev")
    assert rejected.returncode != 0
    assert "image-digests: there is no such rule: did you mean one of: image-digest" in rejected.stderr
    file.write_text('{"node-loss-seconds": {"enforcementLevel": "mandatory", "maxSeconds": 1}}')
    rejected = ours.make("policy", "STACK=dev")
    assert rejected.returncode != 0
    assert "node-loss-seconds" in rejected.stdout and "use 1 or less" in rejected.stdout
