"""Strategies for single values as users write them: strings of a pattern, integers near limits, quantities."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

DIGEST = "@sha256:" + "0123456789abcdef" * 4
IMAGES = ["nginx:1.27", "ghcr.io/stefanprodan/podinfo:6.9.2", "localhost:5000/a/b__c:v1_0", "a:" + "v" * 128]
BLOCKS = [
    "10.0.0.0/8",
    "192.0.2.7/32",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:DB8::/32",
    "10.20.0.0/16",
    "fd00::1/128",
]
METRICS = [
    "http_requests_per_second",
    "queue_messages_ready",
    "s0-rabbitmq-orders",
    "istio.requests|total",
    "kafka:lag",
]
HOSTS = ["a.example", "shop.example.com", "*.example.com", "x", "a-b.c1"]
# Labels that are common; the last three are taken.
LABELS = [
    *["team", "example.com/team", "app.kubernetes.io/version", "istio.io/rev", "a.b-c/E_f"] * 4,
    "app.kubernetes.io/name",
    "pod-template-hash",
    "topology.kubernetes.io/zone",
]

# What nobody should write and somebody does. A few of them are right in some places.
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3.0,
    3.5,
    1001,
    1024,
    65535,
    65536,
    70000,
    10**20,
    -(10**20),
    1e308,
    float("inf"),
    float("nan"),
    "",
    " ",
    "x",
    "3",
    "true",
    "yes",
    "null",
    "~",
    "a b",
    "a\nb",
    "tab\t",
    "UPPER",
    "under_score",
    "-dash",
    "dash-",
    "a..b",
    "..",
    ".",
    "a/b",
    "a%b",
    "%s",
    "{}",
    "a" * 53,
    "a" * 64,
    "a" * 254,
    "a" * 1025,
    "/" * 1100,
    "ünïcödé",
    "日本",
    "🚀",
    "\u2028",
    "\ud83d",
    "\x00",
    "\x1b[31m",
    "1e3",
    "0.5",
    "1E",
    ".5Gi",
    "5.",
    "1n",
    "1e30",
    "1e100",
    "99Ei",
    "9" * 40,
    "0." + "1" * 40,
    "1.1m",
    "1e-99",
    "+1",
    "-1",
    "1 Gi",
    "1gi",
    "1MB",
    "128m",
    "1_000",
    "\u0661",
    "0",
    "00",
    "m",
    "Ki",
    "nginx",
    "nginx:latest",
    "nginx:",
    ":1",
    "a:1",
    "a b:1",
    "Nginx:1",
    "ghcr.io/x/y:1" + DIGEST,
    "x@sha256:12",
    "10.0.0.1",
    "10.0.0.0/33",
    "10.0.0.1/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/08",
    "::ffff:10.0.0.0/104",
    "fe80::%eth0/64",
    [],
    [[]],
    [None],
    [{}],
    [1, 1],
    ["A", "A"],
    ["a", "b", "a"],
    ["A-B"],
    ["a"] * 60,
    [{"name": "m", "averageValue": "1"}] * 11,
    [{"cidr": "10.0.0.0/8"}],
    [{"cidr": "10.0.0.0/8", "namespace": "a"}],
    [{"namespace": "a", "ports": [0]}],
    [{"ports": [70000]}],
    {},
    {"": ""},
    {"a b": 1},
    {"1A": "x"},
    {"A": 1},
    {"kind": "local"},
    {"kind": "Local"},
    {"kind": 5},
    {"cpu": "1"},
    {"cpu": "500m", "memory": "64Mi"},
    {"cpu": 9, "memory": "9Gi"},
    {"cpu": "1e30", "memory": "1e30"},
    {"a": {"b": {"c": [{"d": None}]}}},
    {f"k{n}": "v" for n in range(31)},
    {"big": "x" * 2**20 + "x"},
]
_SIDECAR = {
    "name": "proxy",
    "image": "a/proxy:1",
    "restartPolicy": "Always",
    "startupProbe": {"tcpSocket": {"port": 9001}, "periodSeconds": 2, "failureThreshold": 10},
    "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": 0.1, "memory": "64Mi"}},
}
# Additions to the pod that can hold, but for their room and their time.
TEMPLATES: list[dict[str, Any]] = [
    *[{}] * 6,
    {"metadata": {"annotations": {"example.com/team": "shop"}}},
    {
        "spec": {
            "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
            "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}],
        }
    },
    {
        "spec": {
            "containers": [
                {
                    "name": "backend",
                    "env": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                    "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
                }
            ],
            "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "100Mi"}}],
        }
    },
    {"spec": {"initContainers": [_SIDECAR]}},
    {
        "spec": {
            "initContainers": [
                {"name": "prepare", "image": "a/b:1", "resources": {"limits": {"cpu": "2", "memory": "1Gi"}}},
                _SIDECAR,
            ]
        }
    },
]
# Keys that a group does not know.
STRANGE = [
    "replica",
    "Image",
    "max_replicas",
    "",
    " ",
    ".",
    "a.b",
    "[0]",
    "[key]",
    "local",
    "a\nb",
    "ünï",
    "\u2028",
    "🚀",
    "x" * 500,
]


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """Draw an integer, mostly near the limits."""
    edges = {low, min(low + 1, high), max(low, high - 1), high}
    return st.one_of(st.integers(low, min(high, low + 30)), st.sampled_from(sorted(edges)), st.integers(low, high))


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw from the first strategy, and once in ten from the second."""
    return st.integers(0, 9).flatmap(lambda number: other if number == 9 else usual)


def text(pattern: str, longest: int) -> st.SearchStrategy[str]:
    """Draw a string of a pattern, sometimes of maximum length."""
    form = pattern.removeprefix("^").removesuffix("$")
    short = st.from_regex(form, fullmatch=True).filter(lambda given: len(given) <= longest)

    def filled(given: str) -> str:
        full = given + "a" * (longest - len(given))
        return full if re.fullmatch(form, full) else given

    return mostly(short, short.map(filled))


def image() -> st.SearchStrategy[str]:
    """Draw an image with a tag or a digest, rarely with a mutable tag."""
    pinned = [name + DIGEST for name in IMAGES]
    return st.sampled_from([*IMAGES * 3, *pinned * 3, "x" + DIGEST, "a:1", "a:Latest"])


def cpu(low: int, high: int) -> st.SearchStrategy[Any]:
    """Draw a notation of this many millicores, or of slightly more."""
    forms = [
        *[lambda m: f"{m}m"] * 3,
        lambda m: m / 1000,
        lambda m: f"{m / 1000}",
        lambda m: f"{m}e-3",
        lambda m: f"{m}E-3",
        lambda m: f"{m}000u",
        lambda m: f"{m}000000n",
        lambda m: f"{m}.0m",
        lambda m: f"00{m}.m",
        lambda m: f".{m:06}k",
        lambda m: f"{m}.1m",
    ]
    return st.builds(lambda form, number: form(number), st.sampled_from(forms), st.integers(low, high))


def memory(low: int, high: int) -> st.SearchStrategy[Any]:
    """Draw a notation of this many mebibytes, or of slightly more."""
    forms = [
        *[lambda m: f"{m}Mi"] * 3,
        lambda m: m * 2**20,
        lambda m: float(m * 2**20),
        lambda m: f"{m * 2**20}",
        lambda m: f"{m * 2**10}Ki",
        lambda m: f"{m / 2**10}Gi",
        lambda m: f"{m / 2**20:.20f}Ti",
        lambda m: f"{m * 1.048576}M",
        lambda m: f"{m * 1.048576}e6",
        lambda m: f"{m * 2**20}.5",
        lambda m: f"{m * 2**20}500m",
    ]
    return st.builds(lambda form, number: form(number), st.sampled_from(forms), st.integers(low, high))
