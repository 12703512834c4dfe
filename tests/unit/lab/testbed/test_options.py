"""The options of a run of drills, and the errors for invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.drills.experiments import DRILLS
from lab.testbed.baselines import BASELINES
from lab.testbed.options import DEFAULT_BASELINES, OptionsError, listing, parse


def test_without_options_all_drills_run() -> None:
    for words in ((), ("--drill", "", "--baselines", "")):
        options = parse(words)
        assert options.drills == tuple(DRILLS.values()) and options.baselines == DEFAULT_BASELINES
        assert not options.named and options.report is None


def test_drills_keep_their_own_order_each_once() -> None:
    options = parse(["--drill", "drain, rollout,drain", "--baselines", "none", "--keep", "--recordings"])
    assert [drill.name for drill in options.drills] == ["rollout", "drain"]
    assert options.baselines == () and options.named and options.keep and options.recordings


def test_another_target() -> None:
    assert parse(["--cluster", "kwok"]).cluster == "kwok"
    options = parse(["--kubeconfig", "k", "--context", "prod", "--namespace", "shop", "--rate", "20", "--yes-nodes"])
    place = (options.kubeconfig, options.context, options.namespace, options.name)
    assert place == ("k", "prod", "shop", "backend-service")
    assert options.rate == 20 and options.yes_nodes and not options.load


def test_the_subset_for_ci() -> None:
    options = parse(["--subset", "--drill", ""])
    assert [drill.name for drill in options.drills] == ["rollout", "drain", "kill"]
    assert options.baselines == ("plain",) and options.named


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--drill", "rolout,drian,drain"],
            r"^--drill: 'rolout', 'drian' is invalid: valid values: rollout, .*cluster-loss$",
        ),
        (
            ["--baselines", "helm"],
            "^--baselines: 'helm' is invalid: valid values: plain, helm-create, stakater, app-template, none$",
        ),
        (["--baselines", "none,plain"], "^--baselines: none excludes other names"),
        (["--kubeconfig", "k", "--namespace", "shop"], "^--kubeconfig: it needs --context NAME and --namespace NAME"),
        (["--kubeconfig", "k", "--context", "prod"], "^--kubeconfig: it needs --context NAME and --namespace NAME"),
        (["--namespace", "shop"], "^--namespace: it needs a cluster"),
        (["--project", "/nowhere"], "^--project: /nowhere contains no program"),
        (["--subset", "--drill", "drain"], "^--subset: it selects drills and baselines itself"),
    ],
)
def test_an_invalid_option_is_reported_with_valid_values(words: list[str], message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        parse(words)


def test_a_report_does_not_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OptionsError, match=r"--report: .*taken is not a folder"):
        parse(["--report", str(tmp_path / "taken")])


def test_the_list_contains_every_valid_name() -> None:
    names = {line.split()[0] for line in listing().splitlines() if line.startswith("  ")}
    assert names == {*DRILLS, *BASELINES}
