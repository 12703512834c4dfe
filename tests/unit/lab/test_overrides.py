"""Edits of a copied program: each finds its seam and changes exactly the fields that it is meant to change."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import overrides
from lab.changes import edits, states
from lab.mutations import MUTATIONS
from lab.overrides import UNVERIFIED, Edit, Override, Replacement
from lab.testbed import checkout

PROJECT = Path(__file__).parent.parent.parent.parent
EDITS = {name: value for name, value in vars(edits).items() if isinstance(value, Override)}
OVERRIDES: set[Override] = {*EDITS.values(), *(edit for mutation in MUTATIONS for edit in mutation.edits), UNVERIFIED}
CASES: dict[str, tuple[str, tuple[Edit, ...]]] = {
    "unchanged": ("changes", ()),
    "unchanged edge": ("edge", ()),
    **{name: ("changes", (edit,)) for name, edit in EDITS.items()},
    **{one.name: ("edge" if one.name == "edge" else "changes", one.edits) for one in MUTATIONS},
    "UNVERIFIED": ("changes", (UNVERIFIED,)),
}
POD = "Deployment spec.template.spec"
CONTAINER = f"{POD}.containers.0"
# Fields by kind, or whole resources by kind and name. Each changes, and nothing else does.
EXPECTED: dict[str, set[str]] = {
    "READINESS": {f"{CONTAINER}.readinessProbe"},
    "SLOWER": {
        f"{CONTAINER}.livenessProbe.failureThreshold",
        "HighlyAvailableBackend promise.hang.recoverySeconds",
    },
    "NO_PRE_STOP": {f"{CONTAINER}.lifecycle"},
    "NO_SPREAD": {f"{POD}.topologySpreadConstraints"},
    "NO_ANTI_AFFINITY": {f"{POD}.affinity"},
    "BUDGET": {"PodDisruptionBudget "},
    "DENY": {"NetworkPolicy backend-service-default-deny"},
    "QUOTA": {"ResourceQuota spec.hard.pods"},
    "RECREATE": {"Deployment spec.strategy.type", "Deployment spec.strategy.rollingUpdate"},
    "HALF": {"Deployment spec.strategy.rollingUpdate.maxUnavailable"},
    "NAMED": {
        "ConfigMap immutable",
        "ConfigMap metadata.name",
        f"{CONTAINER}.envFrom.0.configMapRef.name",
    },
    "SELECTOR": {
        *(
            f"{kind} metadata.labels.tier"
            for kind in (
                "ConfigMap",
                "Deployment",
                "HorizontalPodAutoscaler",
                "LimitRange",
                "Namespace",
                "NetworkPolicy",
                "PodDisruptionBudget",
                "ResourceQuota",
                "Secret",
                "Service",
                "ServiceAccount",
            )
        ),
        "Deployment spec.selector.matchLabels.tier",
        "Deployment spec.template.metadata.labels.tier",
        f"{POD}.affinity",
        f"{POD}.topologySpreadConstraints.0.labelSelector.matchLabels.tier",
        f"{POD}.topologySpreadConstraints.1.labelSelector.matchLabels.tier",
        "NetworkPolicy spec.podSelector.matchLabels.tier",
        "PodDisruptionBudget spec.selector.matchLabels.tier",
        "Service spec.selector.tier",
    },
    "preStop": {f"{CONTAINER}.lifecycle"},
    "disruption-budget": {"PodDisruptionBudget spec.maxUnavailable"},
    "spread": {f"{POD}.topologySpreadConstraints", f"{POD}.affinity"},
    "ignore_changes": {"Deployment ignoreChanges"},
    "edge": {f"{POD}.tolerations.0.tolerationSeconds", f"{POD}.tolerations.1.tolerationSeconds"},
    "UNVERIFIED": set(),  # nothing is registered for it
}


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return what the copied program registers in each case."""
    folder = tmp_path_factory.mktemp("overrides")
    program = checkout.copy(PROJECT, folder / "program")
    (program / "Pulumi.changes.yaml").write_text(yaml.safe_dump({"config": dict(states.LOCAL.config)}))
    (program / "Pulumi.edge.yaml").write_text((PROJECT / "examples/stacks/Pulumi.edge.yaml").read_text())
    cases = [{"stack": stack, "files": edited(program, *changes)} for stack, changes in CASES.values()]
    (folder / "cases.json").write_text(json.dumps(cases))
    done = subprocess.run(
        [sys.executable, PROJECT / "tests/support/registrations.py", program, folder / "cases.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads(done.stdout or "[]")
    failed = [name for name, result in zip(CASES, results, strict=True) if result is None]
    assert not failed, f"{failed} do not run:\n{done.stderr}"
    return dict(zip(CASES, results, strict=True))


def edited(program: Path, *changes: Edit) -> dict[str, str]:
    """Return the edited sources by path."""
    sources: dict[str, str] = {}
    for edit in changes:
        sources[edit.file] = edit.applied(sources.get(edit.file) or (program / edit.file).read_text())
    return sources


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of every leaf."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from leaves(inner, f"{path}.{key}" if path else str(key))
    if not isinstance(value, (dict, list)):
        yield path, value


def differences(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return each changed field as ``Kind path``, and each added or removed resource as ``Kind name``."""
    changed = set(before) ^ set(after)
    for name in set(before) & set(after):
        old, new = dict(leaves(before[name])), dict(leaves(after[name]))
        kind = name.split(" ")[0]
        changed |= {f"{kind} {path}" for path in {*old, *new} if old.get(path) != new.get(path)}
    return changed


@pytest.mark.parametrize("name", EXPECTED)
def test_an_edit_changes_exactly_what_it_is_meant_to(registered: dict[str, dict[str, Any]], name: str) -> None:
    stack, _ = CASES[name]
    changed = differences(registered["unchanged" if stack == "changes" else "unchanged edge"], registered[name])
    expected = EXPECTED[name]
    unexpected = {path for path in changed if not path.startswith(tuple(expected))}
    assert not unexpected
    missing = {prefix for prefix in expected if not any(path.startswith(prefix) for path in changed)}
    assert not missing


def test_every_edit_has_an_expectation() -> None:
    assert set(CASES) == {*EXPECTED, "unchanged", "unchanged edge", "RENAMED"}


def test_a_renamed_component_renames_all_of_its_children_and_nothing_else(
    registered: dict[str, dict[str, Any]],
) -> None:
    def renamed(name: str) -> str:
        kind, logical = name.split(" ")
        return f"{kind} {logical.replace('backend-service', 'renamed', 1)}"

    before, after = registered["unchanged"], registered["RENAMED"]
    assert set(after) == set(map(renamed, before))
    assert any(name.startswith("Deployment renamed-") for name in after)


def _line(override: object) -> str:
    return str(getattr(override, "line"))  # noqa: B009 (pytest passes objects)


@pytest.mark.parametrize("override", sorted(OVERRIDES, key=_line), ids=_line)
def test_a_seam_exists_and_has_the_same_parameters(override: Override) -> None:
    (statement,) = ast.parse(override.line).body
    assert isinstance(statement, ast.Assign)
    (target,) = statement.targets
    module = importlib.import_module(override.file.removesuffix(".py").replace("/", "."))
    seam: Any = reduce(getattr, ast.unparse(target).split("."), module)
    if isinstance(statement.value, ast.Lambda):
        assert [one.arg for one in statement.value.args.args] == [*inspect.signature(seam).parameters]


def test_layout_does_not_matter() -> None:
    override = Override("a.py", "limit = 2")
    assert override.applied("limit=(\n  1)").endswith("\n\nlimit = 2\n")
    replacement = Replacement("a.py", "f(1, b='x')", "f(2)")
    assert replacement.applied('y = f(\n  1,  # one\n  b="x",\n)') == "y = f(2)"
    with pytest.raises(ValueError, match=r"a\.py: .* occurs 0 times"):
        replacement.applied("f(3)")


def test_edits_of_one_file_are_applied_together(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = y = 1\n")
    overrides.apply(tmp_path, Override("a.py", "x = 2"), Override("a.py", "y = 3"))
    values: dict[str, int] = {}
    exec((tmp_path / "a.py").read_text(), values)  # noqa: S102 (our own words)
    assert (values["x"], values["y"]) == (2, 3)
