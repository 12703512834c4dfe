"""`python -m components.devcluster up|down|path`: the embedded cluster alone, without the program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..runtime import folders
from . import binaries, catalog
from .cluster import EmbeddedCluster
from .errors import LocalError

PROJECT = Path(__file__).parent.parent.parent
ZONES = ["zone-a", "zone-b", "zone-c"]


def main() -> int:
    """Progress on stderr; stdout holds only the kubeconfig's path, or a program's."""
    parser = argparse.ArgumentParser(prog="python -m components.devcluster", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "path"])
    parser.add_argument("program", nargs="?", default="kubectl", help="with path: the program to obtain and name")
    parser.add_argument(
        "--kubernetes",
        choices=catalog.VERSIONS,
        default=catalog.DEFAULT_VERSION,
        help="version of the cluster, or of the program",
    )
    parser.add_argument(
        "--nodes",
        choices=["kwok", "nodes"],
        default="kwok",
        help="with up: simulated nodes by kwok, or real ones (Linux, root)",
    )
    given = parser.parse_args()

    def log(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def cluster(kind: str) -> EmbeddedCluster:
        folder = folders.cluster(PROJECT, "." + {"kwok": "alone", "nodes": "nodes"}[kind])
        return EmbeddedCluster(folder, ZONES, kubernetes=given.kubernetes, log=log, real=kind == "nodes")

    try:
        if given.command == "up":
            chosen = cluster(given.nodes)
            chosen.start()
            print(chosen.kubeconfig)
        elif given.command == "down":
            for kind in ("kwok", "nodes"):
                cluster(kind).delete()
            folders.tidy(PROJECT)
        else:
            print(binaries.ensure(log, [given.program], given.kubernetes)[given.program])
    except LocalError as error:
        log(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
