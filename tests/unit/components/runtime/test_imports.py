"""Check which modules a program loads: each is a part of the time of every preview."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def loaded(code: str) -> set[str]:
    """Return the modules of a new Python process after it has run the code."""
    process = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=True,
    )
    return set(process.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules}


@pytest.mark.parametrize(
    "module", ["components.settings", "components.clusters.registry", "components.availability", "components.preflight"]
)
def test_settings_and_checks_load_no_pulumi(module: str) -> None:
    modules = loaded(f"import {module}")
    assert module in modules
    assert not packages(modules) & {"pulumi", "pulumi_kubernetes", "pulumi_random", "kubernetes"}


def test_each_package_can_be_imported_first() -> None:
    for module in (
        "clusters.kind",
        "clusters.local",
        "clusters.cluster_api",
        "clusters.clouds.registry",
        "settings.base",
    ):
        assert f"components.{module}" in loaded(f"import components.{module}")


def test_a_program_on_an_existing_cluster_loads_nothing_that_starts_or_creates_one() -> None:
    modules = loaded("import components.backend, components.cluster, components.runtime.outputs")
    assert {"components.backend", "components.preflight.kubeconfig", "pulumi_kubernetes"} <= modules
    assert "kubernetes" not in packages(modules)
    own = {name.removeprefix("components.") for name in modules if name.startswith("components.")}
    assert not {name for name in own if name.startswith("devcluster")}
    assert not {"embedded_cluster", "clusters.local_checks", "clusters.management", "clusters.topology"} & own


def test_the_facade_exports_what_it_lists() -> None:
    code = (
        "import components.multi_cluster, components\n"
        "assert components.across.__name__ == 'across' and callable(components.across)\n"
        "from components import *\n"
        "assert all(globals()[name] is getattr(components, name) for name in components.__all__)\n"
        "assert sorted(components._HOMES) == sorted(components.__all__) == dir(components)\n"
        "assert not hasattr(components, 'Nothing')\n"
    )
    modules = {f"components.{name}" for name in ("backend", "cluster", "shared_namespace", "multi_cluster")}
    assert modules <= loaded(code)


def test_the_client_of_the_verification_is_loaded_ahead_without_its_models() -> None:
    modules = loaded(
        "from components.inspection import client\n"
        "client.load_ahead()\nclient.load_ahead()\n"
        "assert len(client._ahead) == 1\nclient._ahead[0].join()\n"
        "import kubernetes\nassert 'ApiClient' in vars(kubernetes.client)\n"
    )
    assert "kubernetes.client" in modules
    assert not {name for name in modules if name.startswith("kubernetes.client.models.")}, "they take half a second"


@pytest.mark.parametrize("before", ["enable", "disable"])
def test_the_facade_leaves_the_garbage_collector_as_it_was(before: str) -> None:
    code = (
        f"import gc; gc.{before}(); before = gc.isenabled()\n"
        "from components import HighlyAvailableBackend\n"
        "assert gc.isenabled() == before and gc.get_freeze_count() > 100_000, gc.get_freeze_count()"
    )
    assert "components.backend" in loaded(code)
