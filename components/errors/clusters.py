"""Clusters that cannot be reached, used or created."""

from __future__ import annotations

from .kind import ErrorKind

# Settings of a cluster.

TOO_MANY_REAL_NODES = ErrorKind(
    "too-many-real-nodes",
    "Too many real nodes",
    "Each real node of an embedded cluster is a containerd, a kubelet and a kube-proxy on this machine. With more "
    "than 9 of them, pods start too slowly for the recovery times that the availability promise states.",
    "Lower `cluster.nodesPerZone`, list fewer zones, or use simulated nodes.",
)
IMAGES_WITHOUT_REAL_NODES = ErrorKind(
    "images-without-real-nodes",
    "Images for simulated nodes",
    "`cluster.images` loads image archives into real nodes. Simulated nodes run no containers, so the archives would "
    "have no effect.",
    "Set `cluster.nodes` to real, or omit `cluster.images`.",
)
MACHINE_BOUNDS_REVERSED = ErrorKind(
    "machine-bounds-reversed",
    "Maximum below the minimum",
    "`maxMachinesPerZone` is below `machinesPerZone`, so the autoscaler has no valid number of machines.",
    "Raise `maxMachinesPerZone`, or omit it for a pool of a fixed size.",
)
POOL_TOO_LARGE = ErrorKind(
    "machine-pool-too-large",
    "Machine pool too large",
    "The machines of the pool, over all zones, exceed the limit of 1,000 that clouds set for a node pool. The pool "
    "would stop growing at the limit, and the pods that a zone loss displaces would stay pending.",
    "Lower the number of machines in each zone, or spread them over several pools.",
)
EVEN_CONTROL_PLANE = ErrorKind(
    "even-control-plane",
    "Even number of control plane machines",
    "etcd needs a majority of its members. An even number survives no more failures than the odd number below it.",
    "Set `controlPlaneMachines` to 1, 3 or 5.",
)
CLOUD_NOT_UNIQUE = ErrorKind(
    "cloud-not-unique",
    "No cloud, or several",
    "A cluster of kind cluster-api runs on exactly one cloud.",
    "Keep one of the cloud groups in the message.",
)
UNKNOWN_ZONE = ErrorKind(
    "unknown-zone",
    "Unknown zone",
    "The cloud, the region or the existing cluster does not have the zone. Machines for it could never be created, and "
    "the promise would count a failure domain that does not exist.",
    "Use one of the zones in the message.",
)
CLUSTER_NAME_TOO_LONG = ErrorKind(
    "cluster-name-too-long",
    "Cluster name too long",
    "The cloud derives other names from the name of the cluster, and rejects longer ones after the deployment has "
    "started.",
    "Shorten `cluster.name` to the length in the message.",
)
VERSION_SUFFIX = ErrorKind(
    "version-suffix",
    "Version with a suffix",
    "Only Google's versions of Kubernetes have a suffix, such as -gke.1243000. Other providers reject it.",
    "Omit everything after the third number of `cluster.version`.",
)
INVALID_NETWORK = ErrorKind(
    "invalid-network",
    "Invalid network",
    "The value is not an IPv4 network in CIDR notation. Kubernetes could not assign addresses from it.",
    "Use an address whose bits after the prefix are zero, such as 192.168.0.0/16.",
)
SAME_CLUSTER_TWICE = ErrorKind(
    "same-cluster-twice",
    "Two placements on one cluster",
    "Two placements lead to the same cluster. If it fails, both are lost, and the promise over several clusters "
    "breaks. Two embedded clusters cannot share a port, either.",
    "Name another cluster, or another port, for one of them.",
)
CLUSTER_WITH_PLACEMENTS = ErrorKind(
    "cluster-with-placements",
    "Cluster next to placements",
    "`placements` list every cluster of the stack, so a `cluster` next to them is ambiguous.",
    "Omit `cluster`. If the stack runs there already, list it in `placements` with `adoptedFromCluster: true`.",
)
PLACEMENT_OVERRIDE = ErrorKind(
    "placement-override",
    "Setting that placements cannot override",
    "The setting defines the release, the balancer's view of the backend, or its names in the state. It must be the "
    "same on every cluster.",
    "Set it in `backend`, for all clusters.",
)
TOO_FEW_CLUSTERS = ErrorKind(
    "too-few-clusters",
    "Too few clusters",
    "With one cluster, none is left if it fails, so the loss of a cluster cannot be survived.",
    "Name two or more clusters.",
)
ADOPTED_TWICE = ErrorKind(
    "adopted-from-cluster-twice",
    "Two placements adopted from one cluster",
    "The stack had one `cluster` before it had placements, so only one placement can keep its names in the state.",
    "Keep `adoptedFromCluster` for the placement that was `cluster`.",
)

# Kubeconfigs and API servers.

KUBECONFIG_UNREADABLE = ErrorKind(
    "kubeconfig-unreadable",
    "Kubeconfig unreadable",
    "The file is missing, cannot be read, or is not a kubeconfig. Without it, the cluster cannot be reached.",
    "Correct the path. `kubectl config view --kubeconfig FILE` shows whether a file is valid.",
)
CONTEXT_UNUSABLE = ErrorKind(
    "kubeconfig-context",
    "Context missing or incomplete",
    "The kubeconfig lacks the context, or the context refers to a cluster or user that the file lacks. The current "
    "context is never used instead: it could be another cluster.",
    "Use one of the contexts in the message, or add the missing entry to the kubeconfig.",
)
INVALID_SERVER_ADDRESS = ErrorKind(
    "invalid-server-address",
    "Invalid address of an API server",
    "The kubeconfig's `server` is not a URL with a host.",
    "Correct `server` in the kubeconfig.",
)
EMBEDDED_CLUSTER_STOPPED = ErrorKind(
    "embedded-cluster-stopped",
    "Embedded cluster does not run",
    "The embedded cluster of the stack does not exist, or does not run.",
    "Run `make up`, which starts it.",
)
IMAGE_NOT_ON_NODES = ErrorKind(
    "image-not-on-nodes",
    "Image missing on real nodes",
    "The real nodes of an embedded cluster reach no registry. A pod with this image could never start.",
    "Save the image with `docker save`, list the file in `cluster.images`, and name the image as it is in the archive.",
)

# What an existing cluster must have.

KUBERNETES_TOO_OLD = ErrorKind(
    "kubernetes-too-old",
    "Kubernetes too old",
    "The cluster's version lacks features that the promise relies on, such as graceful termination with `sleep`.",
    "Upgrade the cluster to the version in the message.",
)
ZONES_WITHOUT_NODES = ErrorKind(
    "zones-without-nodes",
    "Zones without nodes",
    "The zones that the settings or the owning stack name have no nodes, and fewer than two zones have any. A zone "
    "loss could not be survived.",
    "Correct the zones, add nodes, or label the nodes with topology.kubernetes.io/zone.",
)
ZONES_UNKNOWN = ErrorKind(
    "zones-unknown",
    "Zones unknown",
    "The account cannot list nodes, so it is unknown whether the cluster has the failure domains that `survive` needs.",
    "List the zones in the settings, or grant the account permission to list nodes.",
)
STACK_OUTPUTS_UNUSABLE = ErrorKind(
    "stack-outputs-unusable",
    "Outputs of the other stack unusable",
    "The stack that owns the cluster cannot be read, or does not export a usable `kubeconfig` and `identifier`. "
    "Without a stable identifier, a change of the kubeconfig would replace every resource.",
    "Deploy that stack, name it in full, and export the outputs in the message.",
)

# Cluster API.

CLUSTER_API_MISSING = ErrorKind(
    "cluster-api-missing",
    "Cluster API missing",
    "The management cluster does not serve Cluster API's v1beta2 API.",
    "Install Cluster API v1.11 or later with the command in the message.",
)
FEATURE_GATE_OFF = ErrorKind(
    "cluster-topology-off",
    "Feature gate ClusterTopology is off",
    "Cluster API rejects clusters with a topology, which is the only kind that this program creates.",
    "Set CLUSTER_TOPOLOGY=true at `clusterctl init`, or enable the feature gate of its manager.",
)
INFRASTRUCTURE_PROVIDER_MISSING = ErrorKind(
    "infrastructure-provider-missing",
    "Infrastructure provider missing",
    "The management cluster does not serve the template kinds of the cloud's provider.",
    "Install the provider with the command in the message, or install another version of it.",
)
MANAGEMENT_OBJECT_MISSING = ErrorKind(
    "management-object-missing",
    "Object missing on the management cluster",
    "The settings name a namespace, an identity or a Secret that the management cluster lacks. Without it, Cluster API "
    "would wait forever.",
    "Create the object, or name an existing one.",
)
CLUSTER_CLASS_UNUSABLE = ErrorKind(
    "cluster-class-unusable",
    "ClusterClass unusable",
    "The ClusterClass does not exist, or lacks the class of workers or a variable that the settings name.",
    "Use one of the names in the message.",
)
FOREIGN_CLUSTER = ErrorKind(
    "foreign-cluster",
    "Cluster with another owner",
    "A Cluster with this name exists without a topology, so something else created it. It is not taken over.",
    "Choose another `cluster.name`.",
)
VERSION_CHANGE_FORBIDDEN = ErrorKind(
    "version-change-forbidden",
    "Forbidden change of the version",
    "Kubernetes supports upgrades by one minor version at a time, and no downgrades.",
    "Use the version in the message, or create another cluster.",
)
CLUSTER_REJECTED = ErrorKind(
    "cluster-rejected",
    "Cluster rejected by the management cluster",
    "The API server or Cluster API's webhooks reject the Cluster. The message contains the answer.",
    "Correct what the answer names.",
)
CLUSTER_NOT_CREATED = ErrorKind(
    "cluster-not-created",
    "Cluster not created yet",
    "The command needs a cluster that Cluster API has not created yet.",
    "Run `make up`, which creates it.",
)

# Stacks.

STACK_FILE_MISSING = ErrorKind(
    "stack-file-missing",
    "Stack file missing",
    "There is no Pulumi.<stack>.yaml for the stack, so there are no settings to deploy.",
    "Create the file, or use one of the stacks in the message.",
)
STACK_FILE_UNREADABLE = ErrorKind(
    "stack-file-unreadable",
    "Stack file unreadable",
    "The stack file is not valid YAML, or not a mapping with a `config`.",
    "Correct the file. The message quotes the parser.",
)
PREVIOUS_CLUSTER_UNVERIFIED = ErrorKind(
    "previous-cluster-unverified",
    "Previous cluster not verified",
    "A release reaches the next cluster only after the backend on the previous one was verified. Otherwise, a bad "
    "release could take down all clusters at once.",
    "Repair the backend on the previous cluster, and run `up` again.",
)

# Programs in other languages.

UNKNOWN_CLUSTER = ErrorKind(
    "unknown-cluster",
    "Unknown cluster",
    "The backend's `cluster` is not a Cluster that this deployment created with the same version of the package. "
    "Nothing is known about it, so no promise can be checked.",
    "Pass a resource of type ha-backend:Cluster of the same program.",
)
PROVIDER_NOT_UNIQUE = ErrorKind(
    "provider-not-unique",
    "No provider, or two",
    "A backend needs exactly one way to its cluster: a Cluster, or a Kubernetes provider. Otherwise it would run on "
    "whichever cluster a kubeconfig points to.",
    "Set `cluster`, or `providers` in the resource's options, and not both.",
)
SECRET_INPUT = ErrorKind(
    "secret-input",
    "Secret input",
    "Settings are plain: the promise is computed from them and shown in previews.",
    "Use `generatedSecrets`, or reference a Secret that you manage elsewhere in `podTemplate`.",
)
UNKNOWN_INPUT = ErrorKind(
    "unknown-input",
    "Input unknown in a preview",
    "Settings are validated before anything is created, so their values must be known in a preview.",
    "Use a value from the configuration or from another stack.",
)
UNKNOWN_RESOURCE_TYPE = ErrorKind(
    "unknown-resource-type",
    "Unknown resource type",
    "The package has no such resource type. The program may use another version of the package.",
    "Use one of the types in the message.",
)
