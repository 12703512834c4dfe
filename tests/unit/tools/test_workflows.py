"""The workflows keep credentials safe, and call commands that exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from tests.support.workflows import ACTIONS, PROJECT, WORKFLOWS, content, jobs, steps

FILES = [*WORKFLOWS, *ACTIONS]
TARGETS = set(re.findall(r"^([a-z][\w ./-]*):", (PROJECT / "Makefile").read_text(), re.M))
KNOWN = {word for line in TARGETS for word in line.split()}
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
each_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)


def test_the_workflows() -> None:
    assert [file.name for file in WORKFLOWS] == ["deploy.yml", "drift.yml", "pull-request.yml", "test.yml"]


@each_file
def test_every_action_is_pinned_by_its_commit_and_names_its_version(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())
    assert len(used) == sum(bool(step.uses) for step in steps(file))
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/actions/[\w-]+", one), one


def test_one_action_has_one_version() -> None:
    used = {step.uses for file in FILES for step in steps(file) if "@" in step.uses}
    assert len({one.partition("@")[0] for one in used}) == len(used)


@each_workflow
def test_every_permission_is_set_by_a_job(file: Path) -> None:
    assert content(file)["permissions"] == {}
    for name, job in jobs(file).items():
        assert "permissions" in job, name
        assert 0 < job["timeout-minutes"] <= 90, name


@each_workflow
def test_only_the_job_that_runs_nothing_of_the_change_may_write_and_it_has_no_cloud(file: Path) -> None:
    for name, job in jobs(file).items():
        writes = {what for what, how in job["permissions"].items() if how == "write"}
        assert writes <= {"id-token"} or (file.name, name, writes) == ("pull-request.yml", "review", {"pull-requests"})
        if "pull-requests" in writes:
            text = yaml.safe_dump(job)
            checkouts = [
                step for step in steps(file) if f", {name}, " in step.where and "actions/checkout" in step.uses
            ]
            assert [step.inputs["ref"] for step in checkouts] == ["${{ github.event.pull_request.base.sha }}"]
            assert "secrets." not in text and "./.github" not in text


@each_file
def test_no_checkout_keeps_credentials(file: Path) -> None:
    for step in steps(file):
        if step.uses.startswith("actions/checkout"):
            assert step.inputs.get("persist-credentials") is False, step.where


@each_file
def test_no_script_contains_an_expression(file: Path) -> None:
    for step in steps(file):
        assert "${{" not in step.run, step.where


@each_workflow
def test_a_fork_s_change_never_runs_with_this_repository_s_rights(file: Path) -> None:
    triggers = content(file)[True]
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)
    if "pull_request" in triggers:
        for name, job in jobs(file).items():
            if "secrets." in yaml.safe_dump(job) or "id-token" in job["permissions"]:
                assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"], name


def test_a_missing_preview_is_reported() -> None:
    by_name = jobs(PROJECT / ".github" / "workflows" / "pull-request.yml")
    before, after = by_name["preview"]["if"], by_name["no-preview"]["if"]
    assert after == before.replace("&&", "||").replace("!=", "#").replace("==", "!=").replace("#", "==")
    assert "did not run" in by_name["no-preview"]["steps"][0]["run"]
    assert set(by_name["verdict"]["needs"]) == {"preview", "review"} and by_name["verdict"]["if"] == "always()"


def test_a_deployment_is_never_cancelled_and_prod_waits_for_an_approval() -> None:
    workflow = content(PROJECT / ".github" / "workflows" / "deploy.yml")
    assert workflow["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    prod = workflow["jobs"]["prod"]
    assert (prod["environment"], prod["needs"]) == ("prod", "dev")
    assert "pull_request" not in workflow[True] and workflow[True]["push"] == {"branches": ["main"]}


@each_file
def test_the_commands_exist(file: Path) -> None:
    _assert_commands_exist([step.run for step in steps(file)])


def test_the_commands_of_gitlab_exist_and_are_the_same() -> None:
    ours = yaml.safe_load((PROJECT / ".gitlab-ci.yml").read_text())
    scripts = {
        name: "\n".join([*(job.get("before_script") or ()), *(job.get("script") or ())])
        for name, job in ours.items()
        if isinstance(job, dict)
    }
    _assert_commands_exist(list(scripts.values()))
    commands = {found for text in scripts.values() for found in re.findall(r"make ([a-z-]+)", text)}
    theirs = {found for file in FILES for step in steps(file) for found in re.findall(r"make ([a-z-]+)", step.run)}
    assert commands == theirs
    for name in ("deploy-dev", "deploy-prod"):
        assert ours[name]["resource_group"] == "deploy"
    prod = ours["deploy-prod"]
    assert ([rule["when"] for rule in prod["rules"]], prod["environment"]) == (["manual"], "prod")


def _assert_commands_exist(scripts: list[str]) -> None:
    for script in scripts:
        for target in re.findall(r"\bmake (?:-s )?([\w./-]+)", script):
            assert target in KNOWN, target
        for module in re.findall(r"python -m ([\w.]+)", script):
            assert importlib.util.find_spec(f"{module}.__main__"), module
        for file in re.findall(r"(?<![\w./])\.ci/\w+", script):
            assert (PROJECT / file).is_file()
