"""The README is short, its links and commands exist, and it quotes what the program does and what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from components.settings import ExistingCluster
from components.validation import validated_stack
from lab.pages import RESULTS
from policy.rules import RULES
from tools.docs.fragments import MISTAKES, promise_table, rejection

PROJECT = Path(__file__).parent.parent.parent.parent
README = (PROJECT / "README.md").read_text()
LINKED = ["README.md", *sorted(str(file.relative_to(PROJECT)) for file in (PROJECT / "examples").glob("**/README.md"))]


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 200
    assert len(README.encode()) <= 12 * 1024


@pytest.mark.parametrize("document", [name for name in LINKED if "node_modules" not in name and "sdks" not in name])
def test_every_link_resolves(document: str) -> None:
    file = PROJECT / document
    for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, link


def test_every_command_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = {target for line in re.findall(r"^\.PHONY: (.*)$", makefile, re.M) for target in line.split()}
    named = set(re.findall(r"(?:^ {4}|`)make (?:-s )?([a-z][a-z-]*)", README, re.M))
    assert {"up", "test", "destroy", "docs"} <= named
    assert named <= targets


def test_the_stack_file_is_accepted() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", README, re.S)
    config = {key: json.dumps(value) for key, value in yaml.safe_load(example)["config"].items()}
    settings = validated_stack(config)
    assert isinstance(settings.cluster, ExistingCluster)


def test_the_promise_is_that_of_the_stack_dev() -> None:
    assert promise_table() in README


def test_the_rejection_is_what_the_program_prints() -> None:
    [shown] = re.findall(r"```text\n(.*?)\n```", README, re.S)
    assert shown == rejection("dev", MISTAKES)


def test_the_number_of_policy_rules() -> None:
    assert f"applies [{len(RULES)} rules]" in README


def _row(title: str) -> str:
    [row] = [line for line in README.splitlines() if line.startswith(f"| {title}")]
    return row


def test_the_evidence_is_that_of_the_drills_that_are_recorded() -> None:
    recorded = json.loads((RESULTS / "drills-1.json").read_text())
    drills, about = recorded["drills"], recorded["about"]
    assert about["date"].startswith("2026-11-26") and about["Kubernetes"].startswith("v1.36.3")
    assert about["deployed by"] == "pulumi 3.260.0"
    rollout, power, hang = drills["rollout"], drills["node-loss"], drills["hang"]
    assert "naive, new: 0 of 8,485" in rollout["measured"]
    assert rollout["baselines"]["plain manifest"].startswith("80 of 1,273 (6.3 %)")
    row = _row("failed requests in a rolling")
    assert "0 of 8,485" in row and "80 of 1,273 (6.3 %)" in row
    assert any("failures for 4.1 s (promised 6)" in line for line in power["measured"])
    assert "49 s" in power["baselines"]["plain manifest"]
    assert "4.1 s (promised: 6 s)" in _row("a node loses power: requests") and "49 s" in _row("a node loses power: req")
    assert "naive: capacity back 81 s (promised 106)" in power["measured"]
    assert "capacity not back by the end" in power["baselines"]["plain manifest"]
    assert "81 s (promised: 106 s)" in _row("a node loses power: all pods")
    assert any("failures for 11 s (promised 20)" in line for line in hang["measured"])
    assert "75 s" in hang["baselines"]["plain manifest"]
    assert "11 s (promised: 20 s)" in _row("a container hangs")


def test_the_evidence_is_that_of_the_review_calibration() -> None:
    table = (PROJECT / "docs" / "reference" / "review-calibration.md").read_text()
    [agree] = re.findall(r"\*\*(\d+ of \d+) agree\.\*\*", table)
    assert f"{agree} changes" in _row("review and cluster agree")


def test_the_evidence_is_that_of_the_benchmarks_that_are_recorded() -> None:
    (row,) = [
        row
        for table in json.loads((RESULTS / "benchmarks.json").read_text())["tables"]
        for row in table["rows"]
        if row[0] == "embedded cluster ready"
    ]
    assert f"{row[1].split()[0]} s" in _row("embedded cluster ready")


def test_the_recording_is_small_and_loads_nothing() -> None:
    picture = (PROJECT / "docs" / "assets" / "make-up.svg").read_text()
    assert len(picture.encode()) < 60 * 1024
    assert not re.search(r"@font-face|@import|url\(\s*[\"']?http|href=\"http|src=\"http", picture)
