"""`make deploy` on the real engine: what was reviewed is what is done, and a release that fails is taken back.

The tests of this file are one life, in the order of the file.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time

import pytest

GOOD = "ghcr.io/stefanprodan/podinfo:6.9.1"
BAD = "registry.invalid/backend:1"
# A pulumi that does what the test wants just before a plan is carried out, as somebody else would.
MEANWHILE = """#!/bin/sh
case "$*" in *--plan*) {meanwhile};; esac
exec {pulumi} "$@"
"""


@pytest.fixture(scope="module")
def first(project):
    """What the very first deployment of the stack said."""
    project.impatient()
    project.backend["image"] = GOOD
    project.write()
    done = project.engine("deploy", "dev")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    yield done
    project.make("destroy")


@pytest.fixture(autouse=True)
def begun(first):
    """Each test finds a good release, and leaves one."""


def release(project, image):
    project.backend["image"] = image
    project.write()


def nothing_to_change(project):
    release(project, GOOD)
    done = project.engine("preview", "dev", "--expect-no-changes")
    assert done.returncode == 0, done.stdout
    assert re.search(r"18 unchanged", done.stdout), done.stdout
    assert not list((project.folder / ".ha-backend").glob("deploy-*"))


def deployment(project):
    return project.kubectl("get", "deployment", "backend-service", "-o", "json")


def updates(project):
    return sorted((project.folder / ".ha-backend" / "state" / ".pulumi" / "history").rglob("*.history.json"))


def test_the_first_deployment_has_nothing_to_go_back_to_and_says_so(project, first):
    assert "If this fails, nothing will be taken back: no release of this stack has been good yet" in first.stderr
    assert "going on without a plan" in first.stderr and "3/3 Available" in first.stdout
    nothing_to_change(project)


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        (("ha-backend:backend", "replicas", 1), 1, "replicas: 1 leaves no pod when one is lost"),
        (("ha-backend:cluster", "nodesPerZone", 2), 14, "Refused, and nothing was changed: outage"),
    ],
)
def test_what_cannot_hold_and_an_outage_are_refused_before_anything_is_changed(project, setting, code, said):
    group, key, value = setting
    before = updates(project)
    project.settings[group][key] = value
    project.write()
    done = project.engine("deploy", "dev")
    del project.settings[group][key]
    assert done.returncode == code and said in done.stderr, done.stdout + done.stderr
    assert updates(project) == before
    nothing_to_change(project)


def test_a_release_that_fails_is_taken_back_while_the_old_one_serves(project):
    before = deployment(project)["metadata"]["uid"]
    release(project, BAD)
    with project.watching() as watch:
        done = project.engine("deploy", "dev")
    said = done.stdout + done.stderr
    assert done.returncode == 20, said
    assert watch.least_endpoints >= 3
    assert re.search(r"pod backend-service-\w+-\w+: ImagePullBackOff", said) and "Traceback" not in said
    assert "violates plan" not in said
    assert f"was deployed again and keeps its promise. What serves now: 3 pods of {GOOD}." in said
    now = deployment(project)
    assert now["metadata"]["uid"] == before and now["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    nothing_to_change(project)


def test_a_second_one_directly_after_whose_return_is_killed_is_taken_back_by_the_next_run(project):
    release(project, BAD)
    with project.watching() as watch:
        running = project.begin_engine("deploy", "dev")
        for line in running.stdout:
            if "Going back to the last good one" in line:
                break
        time.sleep(4)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        release(project, GOOD)
        done = project.engine("deploy", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert watch.least_endpoints >= 3
    assert deployment(project)["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    nothing_to_change(project)


def test_a_deployment_that_is_killed_can_be_taken_back_by_hand(project):
    before = deployment(project)["metadata"]["generation"]
    release(project, BAD)
    running = project.begin_engine("deploy", "dev")
    deadline = time.monotonic() + 120
    while deployment(project)["metadata"]["generation"] == before:
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    release(project, GOOD)  # which is what the engine's state still says, so that it would see nothing to do
    done = project.engine("deploy", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert deployment(project)["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    nothing_to_change(project)


def test_a_plan_is_rejected_where_the_cluster_is_another_since_the_preview(project, tmp_path):
    folder = project.cluster.folder
    (tmp_path / "pulumi").write_text(
        MEANWHILE.format(
            pulumi=shutil.which("pulumi"),
            meanwhile=f"'{project.folder}/venv/bin/python' -c 'import sys; from pathlib import Path; from local import processes; "
            f'processes.end(Path("{folder}"))\' || exit 99',
        )
    )
    (tmp_path / "pulumi").chmod(0o755)
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "planned"
    project.write()
    done = project.engine("deploy", "dev", pulumi=tmp_path)
    assert done.returncode == 22, done.stdout + done.stderr
    assert "The plan was rejected, and nothing was changed" in done.stderr
    again = project.engine("deploy", "dev")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "3/3 Available" in again.stdout
    nothing_to_change(project)
