"""`python -m components.devcluster up|down|path`: a standalone embedded cluster, without the program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .. import folders
from . import binaries, catalog
from .cluster import EmbeddedCluster
from .errors import DevClusterError

PROJECT = Path(__file__).parent.parent.parent
ZONES = ["zone-a", "zone-b", "zone-c"]
_FOLDERS = {"kwok": ".alone", "nodes": ".nodes"}


def main() -> int:
    """Run one command. Progress goes to stderr; stdout gets only the path of the kubeconfig or of a program."""
    parser = argparse.ArgumentParser(prog="python -m components.devcluster", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "path"])
    parser.add_argument("program", nargs="?", default="kubectl", help="with path: the program to obtain")
    parser.add_argument(
        "--kubernetes",
        choices=catalog.VERSIONS,
        default=catalog.DEFAULT_VERSION,
        help="version of Kubernetes, for the cluster or the program",
    )
    parser.add_argument(
        "--nodes",
        choices=list(_FOLDERS),
        default="kwok",
        help="with up: nodes simulated by kwok, or real nodes (Linux, root)",
    )
    options = parser.parse_args()

    def log(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def cluster(nodes: str) -> EmbeddedCluster:
        folder = folders.cluster(PROJECT, _FOLDERS[nodes])
        return EmbeddedCluster(folder, ZONES, kubernetes=options.kubernetes, log=log, real_nodes=nodes == "nodes")

    try:
        if options.command == "up":
            started = cluster(options.nodes)
            started.start()
            print(started.kubeconfig)
        elif options.command == "down":
            for nodes in _FOLDERS:
                cluster(nodes).delete()
            folders.tidy(PROJECT)
        else:
            print(binaries.ensure(log, [options.program], options.kubernetes)[options.program])
    except DevClusterError as error:
        log(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
