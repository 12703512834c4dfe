"""What the README shows is what the program takes, and what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from components.availability import of_stack, promise, stated
from components.runtime import stack_file
from components.settings import LocalCluster, load
from lab.bench import plot, table

PROJECT = Path(__file__).parent.parent.parent.parent
README = (PROJECT / "README.md").read_text()


def test_the_promise_is_the_one_of_the_stack_dev() -> None:
    lines = README.partition("| failure | survived | recovers in |")[2].partition("\n\n")[0].splitlines()[2:]
    dev = stack_file.settings(PROJECT, "dev")
    assert lines == [
        f"| {failure} | {'yes' if row['survived'] else 'no'} | {row['recoverySeconds']:.0f} s | "
        f"{row['errorWindowSeconds']:.0f} s | {row['capacityLeftPercent']:.0f} % | {row['why']} |"
        for failure, row in promise(dev.backend, stated(dev.cluster)).as_output().items()
    ]


def test_the_stack_with_real_nodes() -> None:
    section = README.partition("## Real pods on this machine\n")[2].partition("\n## ")[0]
    [example] = re.findall(r"```yaml\n(.*?)```", section, re.S)
    settings = load({key: json.dumps(value) for key, value in yaml.safe_load(example)["config"].items()}, (), of_stack)
    assert isinstance(settings.cluster, LocalCluster)
    assert (settings.cluster.nodes, settings.cluster.images) == ("real", ["web.tar"])
    assert f"docker save --output web.tar {settings.backend.image}" in example


def test_the_drills_are_those_of_the_report_that_is_kept() -> None:
    shown = README.partition("<!-- drills:begin -->")[2].partition("<!-- drills:end -->")[0]
    report = (PROJECT / "docs" / "drills" / "report.md").read_text()
    assert [line for line in shown.splitlines() if line.startswith("|")] == [
        line for line in report.splitlines() if line.startswith("|")
    ]
    kept = json.loads((PROJECT / "docs" / "drills" / "report.json").read_text())
    about = kept["about"]
    for fact in (about["date"].split()[0], *about["Kubernetes"].split(", ")[:1], about["deployed by"]):
        assert fact in shown
    assert f"All {kept['totals']['kept']} drills" in shown
    assert (kept["totals"]["broken"], kept["totals"]["invalid"]) == (0, 0)


def test_the_figures_are_those_that_are_kept() -> None:
    kept = json.loads((PROJECT / "docs" / "figures" / "bench.json").read_text())
    shown = README.partition("<!-- bench:begin -->\n")[2].partition("<!-- bench:end -->")[0]
    assert shown == table.markdown(kept)
    assert (PROJECT / "docs" / "figures" / "bench.svg").read_text() == plot.svg(kept)
