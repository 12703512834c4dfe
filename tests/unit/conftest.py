"""Stand-ins for what a test must not touch: the engine, and the network. Each for one test at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import download
from tests.support.download_server import Mirror, serving
from tests.support.fake_engine import Monitor


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    for name in ("KUBECONFIG", "PULUMI_K8S_DELETE_UNREACHABLE", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"):
        monkeypatch.delenv(name, raising=False)  # the Kubernetes provider's own defaults
    return Monitor()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Programs come from a server of this test, into a cache of this test; nothing is ever built."""
    for name in ("HA_BACKEND_DOWNLOAD", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("HA_BACKEND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "")  # no Go
    monkeypatch.setattr(download, "_unreachable", {})
    with serving() as (made, address):
        monkeypatch.setenv("HA_BACKEND_MIRROR", address)
        yield made


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
    """What ``steady`` raises, one after the other; then nothing any more."""
    from lab.testbed import restore
    from tests.support.drill_results import GOOD, NAIVE, PLAIN

    raised: list[Exception | None] = []

    def steady(context: Any) -> None:
        assert [backend.title for backend in context.backends] == [GOOD.title, NAIVE.title, PLAIN.title]
        if error := raised.pop(0) if raised else None:
            raise error

    monkeypatch.setattr(restore, "steady", steady)
    return raised
