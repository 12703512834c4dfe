"""`python -m bench`: measures, prints a table, writes the raw numbers to bench.json in the checkout's own folder.

Nothing here passes or fails: the goals stand beside the figures. Previews are measured in turn, ours then the rival's, so that
a machine that slows down slows both.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from engine.find import Engine, find
from local import processes
from local.cluster import EmbeddedCluster
from program import folders
from stage import checkout

PROJECT = Path(__file__).parent.parent
ROUNDS = 7


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Exit code 0 when everything could be measured that the machine allows."""
    raw: dict[str, Any] = {"cores": os.cpu_count()}
    engine = find(PROJECT, say, install=False)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        cluster = EmbeddedCluster(work / "cluster", ["zone-a", "zone-b", "zone-c"], log=say)
        try:
            _starts(cluster, raw)
            if isinstance(engine, Engine):
                raw["engine"] = engine.version
                _previews(engine, cluster, work, raw)
            else:
                say(f"SKIPPED: previews and up ({engine})")
        finally:
            cluster.delete()
    if isinstance(engine, Engine):
        _warm_up(raw)
    own = folders.own(PROJECT)
    own.mkdir(exist_ok=True)
    (own / "bench.json").write_text(json.dumps(raw, indent=1))
    print(_table(raw))
    return 0


def _starts(cluster: EmbeddedCluster, raw: dict[str, Any]) -> None:
    raw["cluster_ready_s"] = []
    for number in range(1, 4):
        say(f"embedded cluster: start {number} of 3")
        cluster.delete()
        raw["cluster_ready_s"].append(_seconds(cluster.start))
    time.sleep(10)
    resident = 0
    for pid in processes.of_cluster(cluster.folder):
        status = Path(f"/proc/{pid}/status").read_text()
        resident += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    raw["cluster_resident_mib"] = resident / 1024


def _previews(engine: Engine, cluster: EmbeddedCluster, work: Path, raw: dict[str, Any]) -> None:
    """Both programs on one existing cluster, deployed once, then previewed in turn without a change."""
    environment = {**os.environ, "PULUMI_BACKEND_URL": f"file://{work}", "PULUMI_CONFIG_PASSPHRASE": "bench",
                   "PULUMI_SKIP_UPDATE_CHECK": "true", "BENCH_KUBECONFIG": str(cluster.kubeconfig)}
    ours, rival = work / "ours", work / "rival"
    checkout.copy(PROJECT, ours)
    shutil.copytree(PROJECT / "bench" / "rival", rival)
    (rival / "Pulumi.yaml").write_text((rival / "Pulumi.yaml").read_text().replace("../../venv", str(PROJECT / "venv")))
    config = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
    config["ha-backend:cluster"] = {"kind": "existing", "kubeconfig": str(cluster.kubeconfig), "context": context}
    (ours / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": config}))

    def pulumi(folder: Path, *words: str) -> None:
        done = subprocess.run([engine.path, "--non-interactive", *words], cwd=folder, env=environment, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"pulumi {words[0]} in {folder.name} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")

    for folder in (ours, rival):
        say(f"deploying {folder.name}")
        pulumi(folder, "stack", "init", "bench")
        raw[f"first_up_{folder.name}_s"] = _seconds(lambda f=folder: pulumi(f, "up", "--yes", "--skip-preview"))
    raw["preview_ours_s"], raw["preview_rival_s"] = [], []
    for number in range(ROUNDS + 1):
        say(f"no-change previews: round {number} of {ROUNDS} (0 is not counted)")
        for folder in (ours, rival):
            took = _seconds(lambda f=folder: pulumi(f, "preview", "--expect-no-changes"))
            if number:
                raw[f"preview_{folder.name}_s"].append(took)


def _warm_up(raw: dict[str, Any]) -> None:
    """`make up` in a fresh copy: engine and programs present, cluster and state absent."""
    say("make up in a fresh clone, then make destroy")
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        leave_out = shutil.ignore_patterns("venv", ".ha-backend", ".git", "__pycache__")
        shutil.copytree(PROJECT, clone, symlinks=True, ignore=leave_out)
        (clone / "venv").symlink_to(PROJECT / "venv")  # installed already, as far as make is concerned
        (PROJECT / "venv" / ".installed").touch()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        environment |= {"PULUMI_HOME": f"{name}/home"}
        # The first run in a clone also compiles Python's bytecode: `make up` twice, the second is the warm one.
        for kind in ("cold_bytecode", "warm"):
            began = time.monotonic()
            done = subprocess.run(["make", "up"], cwd=clone, env=environment, capture_output=True, text=True, check=False)
            raw[f"make_up_{kind}_s"] = time.monotonic() - began
            subprocess.run(["make", "destroy"], cwd=clone, env=environment, capture_output=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"make up failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


def _seconds(call: Any) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def _table(raw: dict[str, Any]) -> str:
    rows = [("embedded cluster ready", f"{statistics.median(raw['cluster_ready_s']):.1f} s (median of 3)", "6 s"),
            ("embedded cluster resident", f"{raw['cluster_resident_mib']:.0f} MiB", "1024 MiB")]
    if "engine" in raw:
        ratios = [a / b for a, b in zip(raw["preview_ours_s"], raw["preview_rival_s"], strict=True)]
        rows += [
            ("no-change preview", f"{statistics.median(raw['preview_ours_s']):.2f} s", ""),
            ("no-change preview, hand-written", f"{statistics.median(raw['preview_rival_s']):.2f} s", ""),
            ("ratio, pair by pair", f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", "1.25"),
            ("first up on an existing cluster", f"{raw['first_up_ours_s']:.0f} s", ""),
            ("the same, hand-written", f"{raw['first_up_rival_s']:.0f} s", ""),
            ("make up, cluster absent, all true", f"{raw['make_up_warm_s']:.0f} s", "75 s")]
    lines = ["| figure | measured | goal: at most |", "|---|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} | {goal} |" for name, value, goal in rows])


if __name__ == "__main__":
    sys.exit(main())
