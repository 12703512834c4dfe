"""The trial: deploying without Pulumi, with kubectl."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import binaries
from components.runtime.stack_file import settings
from ops.cli.kubectl_apply import KubectlApply
from ops.cli.trial import Trial, TrialError

PROJECT = Path(__file__).parent.parent.parent.parent.parent
Kubectl = tuple[list[list[str]], dict[str, str]]


def test_the_trial_rejects_an_existing_cluster() -> None:
    with pytest.raises(TrialError, match=r"existing cluster.*install Pulumi.*\[trial-unsupported\]"):
        Trial(PROJECT, "prod", settings(PROJECT, "prod"), print)


def test_the_trial_reverts_a_field_that_somebody_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = KubectlApply(Path("kubeconfig"), settings(PROJECT, "dev"), print)
    calls = list[tuple[str, ...]]()

    def kubectl(*words: str, stdin: str | None = None, accept: tuple[int, ...] = (0,)) -> Any:
        calls.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(applied, "_kubectl", kubectl)
    applied._apply({"kind": "Namespace", "metadata": {"name": "team"}}, [])
    (pruning,) = [words for words in calls if "--prune" in words]
    assert "--server-side" in pruning and "--force-conflicts" in pruning


@pytest.fixture
def kubectl(monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """A kubectl that records its arguments, and returns the test's outputs."""
    calls, outputs = list[list[str]](), dict[str, str]()

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command[1:])
        output = next((output for words, output in outputs.items() if words in " ".join(command)), "")
        return subprocess.CompletedProcess(command, 0, output, "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(binaries, "ensure", lambda log, names: {"kubectl": Path("kubectl")})
    return calls, outputs


def test_every_call_of_kubectl_names_the_cluster(kubectl: Kubectl) -> None:
    calls, outputs = kubectl
    outputs["get secret ha-backend"] = "{}"
    KubectlApply(Path("foreign"), settings(PROJECT, "dev"), print, "blue").remove()
    assert len(calls) == 2 and all(call[:4] == ["--kubeconfig", "foreign", "--context", "blue"] for call in calls)
    assert calls[1][4:7] == ["delete", "namespace", "backend-service"]


def test_a_foreign_namespace_is_not_deleted(kubectl: Kubectl) -> None:
    calls, _ = kubectl
    KubectlApply(Path("foreign"), settings(PROJECT, "dev"), print).remove()
    (call,) = calls
    assert "get" in call and "--context" not in call
