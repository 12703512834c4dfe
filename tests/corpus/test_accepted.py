"""The stacks that public manifests convert to: a real API server accepts every object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cluster.conftest import Kubectl, as_list
from tests.corpus.services import services
from tests.corpus.sources import SOURCES, Source


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_object_passes_a_strict_server_side_dry_run(source: Source, kubectl: Kubectl, clones: Path) -> None:
    every = services(source, clones)
    if not every:
        pytest.skip(f"{source.repository} cannot be had")
    found = [one for one in every if one.text]
    for conversion in found:
        for namespace in {one["metadata"].get("namespace") for one in conversion.rendered} - {None, "default"}:
            space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            kubectl("apply", "-f", "-", stdin=json.dumps(space))
        done = kubectl(
            "create",
            "--dry-run=server",
            "--validate=strict",
            "-f",
            "-",
            stdin=as_list(conversion.rendered),
            check=False,
        )
        assert done.returncode == 0, f"{conversion.workload.title}: {done.stderr}"
        assert len(done.stdout.splitlines()) == len(conversion.rendered), conversion.workload.title
