"""Which of Kubernetes' fields a stack may add to the pod, and why not the others.

Every field of the API is in one of these tables; a test holds that. A field that is newer than them is refused.
"""

from __future__ import annotations

_KIN = "all pods are alike here, and have no identity of their own: leave it out"
_GUARDED = "is what the guarantees rest on: "

POD = {
    "affinity",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "hostAliases",
    "hostUsers",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "resourceClaims",
    "runtimeClassName",
    "securityContext",
    "shareProcessNamespace",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
}
"""Fields of a pod's spec that are merged."""
NOT_POD = {
    "activeDeadlineSeconds": "would end every pod after a while: leave it out",
    "automountServiceAccountToken": "is false, so that no container has a token by itself: mount a projected volume with a "
    "serviceAccountToken into the one that needs it",
    "enableServiceLinks": "is false, so that other Services do not change the environment: leave it out",
    "ephemeralContainers": "are for a pod that runs already (kubectl debug): leave it out",
    "evictionResponders": "would hold up a drain for longer than the promise says: leave it out",
    "hostIPC": "is forbidden by Pod Security's restricted level: leave it out",
    "hostNetwork": "is forbidden by Pod Security's restricted level, and lets one pod run on a node at the most: leave it out",
    "hostPID": "is forbidden by Pod Security's restricted level: leave it out",
    "hostname": _KIN,
    "hostnameOverride": _KIN,
    "setHostnameAsFQDN": _KIN,
    "subdomain": _KIN,
    "nodeName": "would tie every pod to one node: use nodeSelector, which must leave as many nodes as survive needs",
    "os": "is Linux: leave it out",
    "overhead": "is what the RuntimeClass says: leave it out",
    "preemptionPolicy": "is what the PriorityClass says: set placement.priorityClassName",
    "priority": "is what the PriorityClass says: set placement.priorityClassName",
    "priorityClassName": "has a setting of its own: set placement.priorityClassName",
    "readinessGates": "would let a new pod wait for a controller whose time is in no promise: leave it out",
    "resources": "are set by container, which the autoscaler measures by: set resources, and those of each container",
    "restartPolicy": "must be Always in a Deployment: leave it out",
    "schedulerName": "would place pods by other rules than the spread that survive rests on: leave it out",
    "schedulingGates": "would keep every new pod pending: leave it out",
    "schedulingGroup": "would place pods together or not at all: leave it out",
    "serviceAccount": "is the backend's own, without any right: leave it out",
    "serviceAccountName": "is the backend's own, without any right: leave it out, and bind roles to that account",
    "terminationGracePeriodSeconds": "is a sum: set shutdown.deregistrationSeconds and shutdown.drainSeconds",
}
CONTAINER = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
}
"""Fields of a container that is added."""
NOT_CONTAINER = {"restartPolicyRules": "would decide by exit codes whether it is started again: leave it out"}
NOT_OWN = {
    "image": "has a setting of its own: set image",
    "imagePullPolicy": "is IfNotPresent, so that a pod starts again while the registry is down: leave it out",
    "lifecycle": f"{_GUARDED}a pod serves on until it is sent nothing: set shutdown.deregistrationSeconds",
    "livenessProbe": f"{_GUARDED}set health.livenessPath",
    "readinessProbe": f"{_GUARDED}set health.readinessPath",
    "startupProbe": f"{_GUARDED}set health.startupPath and health.startupSeconds",
    "restartPolicy": "is that of the pod: leave it out",
}
"""Fields of the backend's own container that settings own."""
METADATA = {"annotations"}
"""Fields of the pod's metadata that are merged."""
NOT_METADATA = {"labels": "have a setting of their own: set labels"}
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
"""Kinds of volumes that Pod Security's restricted level admits."""
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
"""Those that it admits."""
