"""What a program loads, and how: both are a part of every preview."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from program.loading import uncollected

PROJECT = Path(__file__).parent.parent.parent


def _loaded_with(code: str) -> set[str]:
    """The modules of a fresh Python after it has run this."""
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], cwd=PROJECT, text=True,
                          capture_output=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_rests_while_modules_are_loaded_and_is_then_as_before(collecting: bool) -> None:
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
            made = [[] for _ in range(10)]
        assert gc.isenabled() is collecting
        assert not any(kept is made for kept in gc.get_objects()), "what was made meanwhile would be looked at again"
    finally:
        gc.unfreeze()
        (gc.enable if before else gc.disable)()


def test_the_collector_comes_back_when_loading_fails() -> None:
    with pytest.raises(ImportError, match="no such module"), uncollected():
        raise ImportError("no such module")
    gc.unfreeze()
    assert gc.isenabled()


def test_a_program_on_an_existing_cluster_loads_nothing_that_starts_one() -> None:
    loaded = _loaded_with("import components, program.configuration")
    assert {"components.backend", "preflight.existing", "pulumi_kubernetes"} <= loaded
    assert not {name for name in loaded if name.split(".")[0] in ("local", "kubernetes")}
    assert not {"components.embedded_cluster", "preflight.embedded"} & loaded
