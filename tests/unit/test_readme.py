"""Stack files that the README shows are ones that the program takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from availability import of_stack
from settings import LocalCluster, load

README = (Path(__file__).parent.parent.parent / "README.md").read_text()


def test_the_stack_with_real_nodes() -> None:
    section = README.partition("## Real pods on this machine\n")[2].partition("\n## ")[0]
    [example] = re.findall(r"```yaml\n(.*?)```", section, re.S)
    settings = load({key: json.dumps(value) for key, value in yaml.safe_load(example)["config"].items()}, (), of_stack)
    assert isinstance(settings.cluster, LocalCluster)
    assert (settings.cluster.nodes, settings.cluster.images) == ("real", ["web.tar"])
    assert f"docker save --output web.tar {settings.backend.image}" in example
