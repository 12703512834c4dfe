"""Errors of `make convert`."""

from __future__ import annotations

from components.errors import ErrorKind

MANIFEST_UNREADABLE = ErrorKind(
    "manifest-unreadable",
    "Manifest cannot be read",
    "The file does not exist, is no file, or is not UTF-8 text.",
    "Pass the path of a YAML file, or `-` to read from standard input.",
)
MANIFEST_TOO_LARGE = ErrorKind(
    "manifest-too-large",
    "Manifest is too large",
    "The manifest has more bytes, values or levels than any set of Kubernetes objects, for example because YAML "
    "aliases repeat each other.",
    "Convert the objects of one application at a time.",
)
MANIFEST_NOT_YAML = ErrorKind(
    "manifest-not-yaml",
    "Manifest is not YAML",
    "The text cannot be parsed as YAML, so nothing is known about the service.",
    "Correct the line that the message names. `kubectl apply --dry-run=client -f FILE` reports the same line.",
)
MANIFEST_TEMPLATED = ErrorKind(
    "manifest-templated",
    "Manifest contains template placeholders",
    "The manifest is a template: names, images and numbers are not known before it is rendered, and the conversion "
    "guesses nothing.",
    "Render it first, for example with `helm template` or `kustomize build`, and pass the output.",
)
NOT_A_MANIFEST = ErrorKind(
    "not-a-manifest",
    "Document is no Kubernetes object",
    "Each document must be an object with `apiVersion` and `kind`. A values file of a chart is none.",
    "Pass rendered manifests only.",
)
INVALID_OBJECT = ErrorKind(
    "invalid-object",
    "Object is not valid in Kubernetes",
    "The API server would reject the object, or drop the field that the message names.",
    "Correct the field. `kubectl apply --dry-run=server --validate=strict -f FILE` reports the same.",
)
NO_WORKLOAD = ErrorKind(
    "no-workload",
    "Manifest has no Deployment",
    "A backend is a Deployment with a Service. Pods of other kinds have an identity or an end, and the promise does "
    "not cover them.",
    "Pass the manifest that contains the Deployment (`apps/v1`).",
)
OUTPUT_NOT_WRITABLE = ErrorKind(
    "output-not-writable",
    "Output cannot be written",
    "A stack file or the report cannot be written, or the stack file exists already and may contain your changes.",
    "Choose another folder with `--out`, or remove the file.",
)
NO_SERVED_PORT = ErrorKind(
    "no-served-port",
    "Workload serves no port",
    "The promise is about requests that are answered. A workload without a port receives none.",
    "Run it outside of the stack, or expose a port.",
)
PORT_UNRESOLVED = ErrorKind(
    "port-unresolved",
    "Service refers to a port that no container has",
    "The Service's `targetPort` is a name that no container declares, so no request arrives.",
    "Declare the port in the container, or use its number.",
)
SERVICE_SHARED = ErrorKind(
    "service-shared",
    "Service selects the pods of several Deployments",
    "The Service with the name of the Deployment also selects pods of others, and a stack owns its Service alone.",
    "Rename the Service or the Deployment, or narrow its selector.",
)
SELECTOR_EXPRESSIONS = ErrorKind(
    "selector-expressions",
    "Selector has expressions",
    "The Service selects by labels with one value each. A Deployment whose selector has `matchExpressions` selects "
    "others.",
    "Create the Deployment again with `matchLabels` that select its pods.",
)
POD_NEEDS_HOST = ErrorKind(
    "pod-needs-host",
    "Pod needs its node",
    "The pod uses the network, processes, files or ports of its node. The Pod Security Standard `restricted` forbids "
    "it, and such pods cannot move freely when a node is lost.",
    "Run it as a DaemonSet outside of the stack.",
)
POD_NEEDS_PRIVILEGES = ErrorKind(
    "pod-needs-privileges",
    "Container needs privileges",
    "The container runs as root, privileged, or with capabilities beyond NET_BIND_SERVICE. The Pod Security Standard "
    "`restricted`, which the stack promises for every pod, forbids it.",
    "Use an image that runs as another user, and remove the privileges from the manifest.",
)
VOLUME_ON_ONE_NODE = ErrorKind(
    "volume-on-one-node",
    "Volume can be mounted on one node only",
    "All pods mount the same claim, and its access modes allow a single node. The loss of that node ends all of them, "
    "so no replica survives it.",
    "Use a claim with `ReadWriteMany`, or keep the data in a service of its own.",
)
VOLUME_AT_TMP = ErrorKind(
    "volume-at-tmp",
    "Another volume is mounted at /tmp",
    "Every pod has a writable `/tmp`. Its size limit keeps a full disk from evicting pods.",
    "Mount the volume at another path.",
)
READINESS_UNKNOWN = ErrorKind(
    "readiness-unknown",
    "Readiness cannot be probed",
    "A rollout sends requests to new pods once they are ready. The manifest has no readiness probe, and the kubelet "
    "cannot connect to a UDP port.",
    "Add a readiness probe to the manifest.",
)
SETTINGS_REJECTED = ErrorKind(
    "conversion-rejected",
    "Stack file would be rejected",
    "The settings that say the same as the manifest break a promise, and no single change is obviously the right one.",
    "Follow the rejection that the report quotes, in the manifest or in the stack file.",
)
