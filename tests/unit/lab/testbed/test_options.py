"""What a run of drills may be asked for, and what is said of the rest."""

from __future__ import annotations

import pytest

from lab.drills.experiments import DRILLS
from lab.testbed.baselines import RIVALS
from lab.testbed.options import USUAL_RIVALS, AskedError, listing, parse


def test_left_out_is_all_of_it() -> None:
    for words in ((), ("--drill", "", "--rivals", "")):
        asked = parse(words)
        assert asked.drills == tuple(DRILLS.values()) and asked.rivals == USUAL_RIVALS
        assert not asked.named and asked.report is None


def test_drills_come_in_their_own_order_each_once() -> None:
    asked = parse(["--drill", "drain, rollout,drain", "--rivals", "none", "--keep", "--recordings"])
    assert [drill.name for drill in asked.drills] == ["rollout", "drain"]
    assert asked.rivals == () and asked.named and asked.keep and asked.recordings


def test_another_ground() -> None:
    assert parse(["--cluster", "kwok"]).cluster == "kwok"
    asked = parse(["--kubeconfig", "k", "--context", "prod", "--namespace", "shop", "--rate", "20", "--yes-nodes"])
    assert (asked.kubeconfig, asked.context, asked.namespace, asked.name) == ("k", "prod", "shop", "backend-service")
    assert asked.rate == 20 and asked.yes_nodes and not asked.load


def test_the_subset_for_ci() -> None:
    asked = parse(["--subset", "--drill", ""])
    assert [drill.name for drill in asked.drills] == ["rollout", "drain", "kill"]
    assert asked.rivals == ("plain",) and asked.named


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--drill", "rolout,drian,drain"],
            r"^--drill: 'rolout', 'drian' is not known; right would be: rollout, .*cluster-loss$",
        ),
        (
            ["--rivals", "helm"],
            "^--rivals: 'helm' is not known; right would be: plain, helm-create, stakater, app-template, none$",
        ),
        (["--rivals", "none,plain"], "^--rivals: none stands alone"),
        (
            ["--kubeconfig", "k", "--namespace", "shop"],
            "^--kubeconfig: which context, and which namespace.* --context NAME",
        ),
        (["--kubeconfig", "k", "--context", "prod"], "^--kubeconfig: which context, and which namespace"),
        (["--namespace", "shop"], "^--namespace: of which cluster"),
        (["--project", "/nowhere"], "^--project: /nowhere holds no program"),
        (["--subset", "--drill", "drain"], "^--subset: names drills and rivals itself"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(words: list[str], said: str) -> None:
    with pytest.raises(AskedError, match=said):
        parse(words)


def test_a_report_does_not_go_into_a_file(tmp_path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(AskedError, match=r"--report: .*taken is no folder"):
        parse(["--report", str(tmp_path / "taken")])


def test_the_list_names_everything_that_can_be_asked_for() -> None:
    named = {line.split()[0] for line in listing().splitlines() if line.startswith("  ")}
    assert named == {*DRILLS, *RIVALS}
