"""Where the state of a stack is kept, how the engine is found, and how it is called."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from components import folders
from ops.cli import lock, state
from ops.cli.pulumi_binary import Engine, find
from ops.cli.run import Runner


def test_by_default_the_state_is_local_and_its_passphrase_private(project: Path) -> None:
    chosen = state.choose(project, "dev")
    passphrase = Path(chosen.environment["PULUMI_CONFIG_PASSPHRASE_FILE"])
    assert chosen.local and chosen.environment["PULUMI_BACKEND_URL"] == f"file://{project}/.ha-backend/state"
    assert stat.S_IMODE(passphrase.stat().st_mode) == 0o600 and len(passphrase.read_text()) >= 40
    assert state.choose(project, "dev").environment == chosen.environment
    assert passphrase.read_text() not in repr(chosen)


@pytest.mark.parametrize("name", ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"])
def test_a_backend_from_the_environment_is_used(project: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "s3://mine")
    chosen = state.choose(project, "dev")
    assert not chosen.local and chosen.environment == {} and chosen.arguments == ["--stack", "dev"]
    assert not (project / ".ha-backend").exists()


def test_a_backend_from_a_login_is_used(project: Path) -> None:
    (project / "home").mkdir()
    (project / "home" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    assert not state.choose(project, "dev").local


def test_the_user_s_own_passphrase_is_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "mine")
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in state.choose(project, "dev").environment


def test_the_engine_s_salt_is_moved_into_the_copy_and_the_stack_file_stays_unchanged(project: Path) -> None:
    chosen, file = state.choose(project, "dev"), project / "Pulumi.dev.yaml"
    before = file.read_bytes()
    file.write_text(file.read_text() + "encryptionsalt: v1:abc\n")
    chosen.keep_salt(before)
    assert file.read_bytes() == before
    file.write_text("config: {a: 1}\n")
    chosen.refresh_copy()
    copy = Path(chosen.arguments[-1]).read_text()
    assert "config: {a: 1}" in copy and copy.count("encryptionsalt: v1:abc") == 1


def test_an_old_engine_is_rejected_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "pulumi"
    old.write_text("#!/bin/sh\necho v3.249.9\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (
        find(tmp_path, print, install=False) == f"{old} is version 3.249.9: install 3.250.0 or later [pulumi-too-old]"
    )


@pytest.mark.parametrize("version", ["3.250.0", "3.272.0", "4.0.1"])
def test_a_recent_engine_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    path = tmp_path / "pulumi"
    path.write_text(f"#!/bin/sh\necho v{version}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path, print, install=False) == Engine(str(path), version)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A pulumi that records how it is called; nothing was interrupted."""
    path = tmp_path / "pulumi"
    path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ "$3" = export ] && echo \'{{}}\'\nexit 0\n')
    path.chmod(0o755)
    return Engine(str(path), "3.250.0")


def test_additional_arguments_of_up_reach_the_engine(project: Path, engine: Engine) -> None:
    runner = Runner(engine, state.choose(project, "dev"), print)
    assert runner.up(["--refresh", "--target", "x"]) == 0
    (up,) = [line for line in (project / "calls").read_text().splitlines() if " up " in line]
    assert up.startswith("--non-interactive up --yes ") and up.endswith(" --refresh --target x")


def test_a_temporary_kubeconfig_of_a_provider_is_deleted(project: Path, engine: Engine) -> None:
    path = Path(engine.path)
    path.write_text(
        "#!/bin/sh\n[ \"$3\" = export ] && echo '{}'\necho secret > $TMPDIR/kubeconfig123\n"
        f"echo $TMPDIR >> {project}/folders\nexit 0\n"
    )
    runner = Runner(engine, state.choose(project, "dev"), print)
    cluster = folders.cluster(project, "dev")
    cluster.mkdir(parents=True)
    assert runner.up([]) == 0
    (used,) = {Path(line) for line in (project / "folders").read_text().splitlines()}
    assert used == folders.temporary(project, "dev")
    assert (used.stat().st_mode & 0o777, list(used.iterdir())) == (0o700, []), "the cluster's programs may use it"
    cluster.rmdir()
    runner.preview([])
    assert not used.exists()


def stored(runner: Runner, chosen: state.State, project: str, stack: str) -> bool:
    """Create the file of a stack in the local state, and return whether the runner finds it."""
    file = chosen.folder / ".pulumi" / "stacks" / project / f"{stack}.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    return runner.exists()


def test_a_stack_of_another_program_with_the_same_name_is_not_ours(project: Path, engine: Engine) -> None:
    """Such as the platform's program, whose stacks are in the same state."""
    chosen = state.choose(project, "dev")
    runner = Runner(engine, chosen, print)
    assert not stored(runner, chosen, "platform", "dev")
    assert stored(runner, chosen, "ha-backend", "dev")


def test_the_lock_of_another_program_is_ignored(project: Path) -> None:
    folder = state.choose(project, "dev").folder
    for program in ("platform", "ha-backend"):
        file = folder / ".pulumi" / "locks" / "organization" / program / "dev" / "one.json"
        file.parent.mkdir(parents=True)
        file.write_text('{"pid": 2147483647}')
    calls = list[str]()
    lock.wait_until_free(folder, "dev", lambda: calls.append("cancel"), print)
    assert calls == ["cancel"]
    assert [file.parts[-3] for file in folder.rglob("one.json")] == ["platform"]


@pytest.mark.parametrize(("others", "stays"), [("[]", False), ('[{"name": "organization/platform/dev"}]', True)])
def test_a_local_state_stays_while_it_contains_other_stacks(
    project: Path, engine: Engine, others: str, stays: bool
) -> None:
    path = Path(engine.path)
    path.write_text(f"#!/bin/sh\n[ \"$2 $3 $4\" = 'stack ls --all' ] && echo '{others}'\nexit 0\n")
    chosen = state.choose(project, "dev")
    assert Runner(engine, chosen, print).destroy() == 0
    assert chosen.folder.exists() is stays
