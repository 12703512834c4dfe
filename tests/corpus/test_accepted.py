"""The stacks that public manifests convert to: a real API server accepts every object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cluster.conftest import Kubectl, as_list
from tests.corpus.services import services_or_skip
from tests.corpus.sources import SOURCES, Source


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_object_passes_a_strict_server_side_dry_run(source: Source, kubectl: Kubectl, clones: Path) -> None:
    for conversion in services_or_skip(source, clones):
        if not conversion.text:
            continue
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
