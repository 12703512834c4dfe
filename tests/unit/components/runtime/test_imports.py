"""What a program loads, and how: both are a part of every preview."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from components.runtime.loading import PLUGINS, lean, meanwhile

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def _loaded_with(code: str) -> set[str]:
    """The modules of a fresh Python after it has run this."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_rests_while_modules_are_loaded_and_is_then_as_before(collecting: bool) -> None:
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        with lean():
            assert not gc.isenabled()
            made = [[] for _ in range(10)]
        assert gc.isenabled() is collecting
        assert not any(kept is made for kept in gc.get_objects()), "what was made meanwhile would be looked at again"
    finally:
        gc.unfreeze()
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(("chosen", "found"), [(None, "__all__"), ("mine", "mine")])
def test_pydantic_looks_for_no_plugins_unless_somebody_says_so(
    chosen: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLUGINS, "undone at the end")
    if chosen is None:
        monkeypatch.delenv(PLUGINS)
    else:
        monkeypatch.setenv(PLUGINS, chosen)
    with lean():
        pass
    gc.unfreeze()
    assert os.environ[PLUGINS] == found


def test_the_program_loads_leanly_and_reads_its_settings_without_a_look_at_every_package() -> None:
    code = (
        "from components.runtime.loading import lean\nwith lean():\n    import settings\n    from pydantic.plugin import _loader\n"
        "components.settings.load({'ha-backend:cluster': '{\"kind\": \"local\"}', 'ha-backend:backend': '{\"image\": \"a:1\"}'})\n"
        "assert _loader._plugins is None"
    )
    assert "components.settings.load" in _loaded_with(code)
    assert "with lean():" in (PROJECT / "__main__.py").read_text()


def test_the_collector_comes_back_when_loading_fails() -> None:
    with pytest.raises(ImportError, match="no such module"), lean():
        raise ImportError("no such module")
    gc.unfreeze()
    assert gc.isenabled()


def test_a_program_on_an_existing_cluster_loads_nothing_that_starts_one() -> None:
    loaded = _loaded_with("import components.backend, components.cluster, components.runtime.outputs")
    assert {"components.backend", "components.preflight.existing", "pulumi_kubernetes"} <= loaded
    assert not {name for name in loaded if name.split(".")[0] in ("local", "kubernetes", "clouds")}
    assert not {"components.embedded_cluster", "components.preflight.local"} & loaded


def test_what_a_backend_takes_is_loaded_when_the_cluster_is_registered() -> None:
    before = (PROJECT / "__main__.py").read_text().partition("with lean():")[2].partition("async def")[0]
    loaded = _loaded_with(textwrap.dedent(before))
    assert {
        "components.cluster",
        "components.runtime.placements",
        "components.settings.load",
        "pulumi_kubernetes.provider",
    } <= loaded
    assert (
        not {"components.backend", "components.pod", "components.inspection.verification", "pulumi_kubernetes.core.v1"}
        & loaded
    )


def test_every_component_is_found_whichever_was_asked_for_before() -> None:
    code = (
        "import components.multi_cluster, components\n"
        "assert components.across.__name__ == 'across' and callable(components.across)\n"
        "from components import *\n"
        "assert all(globals()[name] is getattr(components, name) for name in components.__all__)\n"
        "assert not hasattr(components, 'Nothing')\n"
    )
    assert {f"components.{each}" for each in ("backend", "cluster", "shared_namespace", "several")} <= _loaded_with(
        code
    )


# As the engine runs a program: its folder is on the path while the main module runs; what is to be awaited follows.
RUN = """
import asyncio, gc, runpy, sys, threading
if "" in sys.path:
    sys.path.remove("")
runpy.run_path(FOLDER)
assert sys.path.count(FOLDER) == 1
from components.runtime.loading import meanwhile
turns = 0

async def others():
    global turns
    while True:
        turns += 1
        await asyncio.sleep(0.01)

async def main():
    beside = asyncio.ensure_future(others())
    await meanwhile("slow")
    beside.cancel()

asyncio.run(main())
assert turns > 3 and sys.modules["slow"].THREAD is not threading.main_thread() and gc.isenabled()
"""


def test_others_go_on_while_modules_are_loaded_and_the_program_s_folder_is_still_found(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "program", tmp_path / "program")
    (tmp_path / "slow.py").write_text("import threading, time\ntime.sleep(0.2)\nTHREAD = threading.current_thread()\n")
    (tmp_path / "__main__.py").write_text("from program import loading\nloading.stay()\nloading.stay()\n")
    assert "slow" in _loaded_with(f"FOLDER = {str(tmp_path)!r}\n{RUN}")


def test_what_cannot_be_loaded_is_told() -> None:
    with pytest.raises(ImportError, match="nothing_of_this_name"):
        asyncio.run(meanwhile("nothing_of_this_name"))
    gc.unfreeze()


def test_what_asking_needs_is_loaded_ahead_and_is_all_that_it_needs() -> None:
    code = (
        "from inspection import client, observation\nclient.load_ahead()\nclient.load_ahead()\n"
        "assert len(client._ahead) == 1\nclient._ahead[0].join()\n"
        "import kubernetes\nassert 'ApiClient' in vars(kubernetes.client)\n"
    )
    loaded = _loaded_with(code)
    assert "kubernetes.client" in loaded
    assert not {name for name in loaded if name.startswith("kubernetes.client.models.")}, "half a second"


def test_what_is_loaded_ahead_is_found_though_the_program_s_folder_leaves_the_path_meanwhile() -> None:
    """As it does when the main part of a program has ended: whoever goes through the path just then misses an entry."""
    code = (
        "import sys\nfrom inspection import client\n"
        "class Leaving:\n"
        "    def find_spec(self, name, target=None):\n"
        "        if name == 'kubernetes' and '/program' in sys.path:\n"
        "            sys.path.remove('/program')\n"
        "sys.path_importer_cache['/program'] = Leaving()\n"
        "[packages] = [entry for entry in sys.path if entry.endswith('site-packages')]\n"
        "sys.path.remove(packages)\nsys.path[:0] = ['/program', packages]\n"
        "client.load_ahead()\nclient._ahead[0].join()\nassert '/program' not in sys.path\n"
    )
    assert "kubernetes.client" in _loaded_with(code)
