"""The embedded cluster: its programs, its host and its nodes."""

from __future__ import annotations

from .kind import ErrorKind

# Programs and images.

UNSUPPORTED_VERSION = ErrorKind(
    "unsupported-kubernetes-version",
    "Unsupported Kubernetes version",
    "The embedded cluster runs the versions of Kubernetes that this release pins and tests. Another version has "
    "no pinned programs.",
    "Use one of the versions in the message.",
)
PROGRAM_UNAVAILABLE = ErrorKind(
    "program-unavailable",
    "Program unavailable",
    "A program of the embedded cluster is not in the cache, its release cannot be downloaded from this machine, "
    "and there is no Go compiler to build it.",
    "Run once where the network allows the download, set `HA_BACKEND_MIRROR` to a mirror of the official hosts, "
    "or install Go 1.26 or later.",
)
BUILD_FAILED = ErrorKind(
    "program-build-failed",
    "Program build failed",
    "The Go compiler could not build a program from its pinned module. The message ends with the compiler's output.",
    "Check that the Go module proxy is reachable and that Go is version 1.26 or later, then run the command again.",
)
CACHE_NOT_WRITABLE = ErrorKind(
    "cache-not-writable",
    "Cache not writable",
    "Programs and images are kept in a cache directory, and this user cannot write to it.",
    "Set `HA_BACKEND_CACHE` to a directory that you can write to, or correct its permissions.",
)
CHECKSUM_MISMATCH = ErrorKind(
    "checksum-mismatch",
    "Checksum mismatch",
    "A downloaded release does not match the SHA-256 sum that its project publishes. It was discarded: a program "
    "that runs with your privileges must be the published one.",
    "Run the command again. If it fails again, do not trust the network between this machine and the host.",
)
INCOMPLETE_RELEASE = ErrorKind(
    "incomplete-release-archive",
    "Incomplete release archive",
    "A downloaded release archive does not contain the program.",
    "Check that `HA_BACKEND_MIRROR` serves the official files unchanged, or set `HA_BACKEND_DOWNLOAD=never` to "
    "build with Go.",
)
INVALID_MIRROR = ErrorKind(
    "invalid-download-mirror",
    "Invalid download mirror",
    "`HA_BACKEND_MIRROR` replaces the official download hosts and must be an HTTP address.",
    "Set it to an address that starts with http:// or https://, or unset it.",
)
INVALID_IMAGE_ARCHIVE = ErrorKind(
    "invalid-image-archive",
    "Invalid image archive",
    "Real nodes reach no registry and run only imported images. The file is not an archive with a named image, so"
    " no pod could use it.",
    "Write the archive with `docker save NAME:TAG --output FILE`, by the image's name and not by its ID.",
)
IMAGE_IMPORT_FAILED = ErrorKind(
    "image-import-failed",
    "Image import failed",
    "containerd on a real node did not accept the image. The message ends with its output.",
    "Check that the archive is complete, that its platform is this machine's, and that the disk has space.",
)

# The cluster and its directory.

CLUSTER_MISMATCH = ErrorKind(
    "embedded-cluster-mismatch",
    "Another cluster in the directory",
    "The directory holds an embedded cluster with another version or other nodes. Starting it with these settings"
    " would corrupt its data.",
    "Delete that cluster first: `make destroy` for a stack's cluster, `make cluster-down` for a standalone one.",
)
DIRECTORY_UNUSABLE = ErrorKind(
    "cluster-directory-unusable",
    "Unusable cluster directory",
    "The embedded cluster keeps its data in a directory. kwokctl reads a path only up to the first space, and the"
    " user that runs this must be able to write there.",
    "Move the checkout to a path without spaces that you can write to.",
)
API_PORT_TAKEN = ErrorKind(
    "api-port-taken",
    "API port taken",
    "Another process on this machine listens on the port that `cluster.apiPort` reserves for the API server.",
    "Choose a free port, or omit `apiPort` to use any free one.",
)
NO_FREE_PORTS = ErrorKind(
    "no-free-ports",
    "No free ports",
    "The embedded cluster needs a range of consecutive ports on the loopback interface, and other programs use "
    "all of them.",
    "Stop other programs or delete another embedded cluster, then run the command again.",
)
CLUSTER_NOT_READY = ErrorKind(
    "embedded-cluster-not-ready",
    "Embedded cluster not ready",
    "A component of the embedded cluster did not start or did not become ready in time. The message names it and "
    "its log.",
    "Read the log that the message names. Delete the cluster with `make cluster-down` or `make destroy`, then "
    "start it again.",
)
COMMAND_FAILED = ErrorKind(
    "embedded-cluster-command-failed",
    "Command failed on the embedded cluster",
    "kubectl or kwokctl failed on the embedded cluster. The message ends with its output.",
    "Run the command again: every step can be repeated. If it fails again, delete the cluster and start it again.",
)
PROCESSES_LEFT = ErrorKind(
    "embedded-cluster-processes-left",
    "Processes left",
    "Some processes of the embedded cluster did not end after SIGKILL, for example because a disk does not "
    "respond. Its data cannot be deleted while they run.",
    "Wait until the processes in the message have ended, then run the command again.",
)

# Real nodes.

REAL_NODES_UNSUPPORTED = ErrorKind(
    "real-nodes-unsupported",
    "Real nodes unsupported",
    "Real nodes run containerd, kubelet and kube-proxy in network namespaces of this machine. That needs Linux, "
    "root and some programs of the distribution.",
    "Install or change what the message lists, or use simulated nodes: `cluster.nodes: simulated`, or "
    "`CLUSTER=kwok` with make.",
)
REAL_NODES_LEFT = ErrorKind(
    "real-nodes-left",
    "Real nodes left",
    "Network namespaces, mounts or processes of real nodes remain on this machine.",
    "Run the command again as root. If something remains, find out which process uses it.",
)
NODE_NETWORK_FAILED = ErrorKind(
    "node-network-failed",
    "Node network failed",
    "The network of the real nodes could not be created. The message ends with the output of the failed command.",
    "Check that you are root and that the kernel supports network namespaces, bridges and veth, then run the "
    "command again.",
)
NO_FREE_NETWORK = ErrorKind(
    "no-free-network",
    "No free network",
    "Each cluster with real nodes uses one network of 198.18.0.0/15 on this machine, and all 512 are in use.",
    "Delete another embedded cluster.",
)
NODE_NOT_READY = ErrorKind(
    "node-not-ready",
    "Node did not start",
    "containerd of a real node did not start. The message ends with the last line of its log.",
    "Read the log that the message names, then run the command again.",
)
