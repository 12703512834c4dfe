"""The tracks of changes: complete, in an order that works, with valid settings and edits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.validation import validated_stack
from lab.changes import plain, run
from lab.changes.catalog import ALL, EMBEDDED, EXISTING, PLAIN
from lab.changes.change import State
from lab.changes.every_setting import CHANGES
from lab.changes.plain import QUICK
from lab.changes.states import LOCAL, existing

PROJECT = Path(__file__).parent.parent.parent.parent.parent
BEGIN = {EMBEDDED: LOCAL, EXISTING: existing(Path("kubeconfig"), "one"), PLAIN: QUICK}


def states(track: str) -> dict[str, State]:
    """Return the state after each change of a track."""
    state, result = BEGIN[track], {}
    for change in ALL[track]:
        state = result[change.name] = change.make(state)
    return result


def test_the_list_is_long_and_contains_every_setting() -> None:
    names = [change.name for changes in ALL.values() for change in changes]
    assert len(names) == len(set(names)) >= 40
    assert set(CHANGES) <= set(names)


def test_what_a_change_needs_comes_before_it() -> None:
    for changes in ALL.values():
        before: set[str] = set()
        for change in changes:
            assert not change.after or change.after in before
            before.add(change.name)


def test_a_selected_change_includes_those_it_needs() -> None:
    selection = run.select(["disruptionBudget.maxUnavailable"])
    assert [change.name for change in selection[EXISTING]] == [
        "autoscaling.enabled",
        "replicas: more when fixed",
        "disruptionBudget.maxUnavailable",
        "disruptionBudget.maxUnavailable: back",
    ]
    assert not selection[EMBEDDED] and not selection[PLAIN]
    assert run.select(["plain/"])[PLAIN] == list(ALL[PLAIN])
    with pytest.raises(ValueError, match="nonsense: no such change"):
        run.select(["nonsense"])


@pytest.mark.parametrize("track", [EMBEDDED, EXISTING])
def test_all_settings_are_valid(track: str) -> None:
    for name, state in states(track).items():
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in state.config.items()}
        assert validated_stack(values), name


@pytest.mark.parametrize("track", ALL)
def test_the_edits_of_every_state_fit_together(track: str) -> None:
    folder = Path(plain.__file__).parent / "baseline" if track == PLAIN else PROJECT
    combinations = {state.edits for state in states(track).values()}
    for edits in combinations:
        sources: dict[str, str] = {}
        for edit in edits:
            sources[edit.file] = edit.applied(sources.get(edit.file) or (folder / edit.file).read_text())
        for file, source in sources.items():
            compile(source, file, "exec")


def test_every_change_changes_something() -> None:
    for track in ALL:
        before = BEGIN[track]
        for name, state in states(track).items():
            assert state != before, name
            before = state


def test_an_edit_is_made_and_reverted() -> None:
    [first, second] = [
        change for change in ALL[PLAIN] if change.name.startswith("plain: image") and "under" not in change.name
    ]
    edited = first.make(QUICK)
    assert edited.edits == (*QUICK.edits, plain.IMAGE)
    assert second.make(edited) == QUICK
