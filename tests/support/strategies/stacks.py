"""Strategies for whole stacks, from the settings' schema: a new setting is drawn without further changes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from components.clusters.clouds.registry import CLOUDS
from components.settings import Settings
from components.settings.base import SettingsModel
from tests.support.cluster_api import GROUPS, ZONES
from tests.support.strategies import texts
from tests.support.strategies.chosen import CHOSEN
from tests.support.strategies.fixes import SELDOM, fit_mesh, make_retries_consistent
from tests.support.strategies.texts import mostly, whole

_SCHEMA = Settings.model_json_schema(by_alias=True)
_Any = st.SearchStrategy[Any]


def _of(node: dict[str, Any], path: str) -> _Any:
    """Return a strategy for a setting from its part of the schema."""
    if path in CHOSEN:
        return CHOSEN[path]
    if "$ref" in node:
        return _group(_SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]], path)
    for choice in ("oneOf", "anyOf"):
        if choice in node:
            return st.one_of([_of(option, path) for option in node[choice]])
    if "const" in node or "enum" in node:
        return st.sampled_from(node.get("enum") or [node["const"]])
    match node["type"]:
        case "integer":
            return whole(node["minimum"], node.get("maximum", 2**31))
        case "array":
            least, most = node.get("minItems", 0), min(4, node["maxItems"])
            return st.lists(_of(node["items"], f"{path}[]"), min_size=least, max_size=most, unique_by=repr)
        case "object":
            pattern, value = next(iter(node["patternProperties"].items()))
            keys = texts.text(pattern, node["propertyNames"]["maxLength"])
            keys = st.sampled_from(texts.LABELS) | keys if path.endswith("labels") else keys
            return st.dictionaries(keys, _of(value, f"{path}[]"), max_size=3)
        case "string" if "pattern" in node:
            fitting = texts.text(node["pattern"], node["maxLength"])
            return mostly(st.sampled_from(texts.METRICS), fitting) if path.endswith("Metrics[].name") else fitting
        case "string":
            return st.text(max_size=40)
    return {"boolean": st.booleans(), "null": st.none()}[node["type"]]


@st.composite
def _some(draw: st.DrawFn, needed: dict[str, _Any], others: dict[str, _Any]) -> dict[str, Any]:
    """Return a strategy for a group with about half of its settings; hypothesis' dictionaries are mostly empty."""
    size = -(-len(others) // 8)  # as bytes, which are drawn evenly; whole numbers are mostly small
    chosen = int.from_bytes(draw(st.binary(min_size=size, max_size=size)))
    some = [pair for bit, pair in enumerate(others.items()) if chosen >> bit & 1]
    return {name: draw(part) for name, part in (*needed.items(), *some)}


def _group(group: dict[str, Any], path: str) -> _Any:
    parts = {name: _of(node, f"{path}.{name}".lstrip(".")) for name, node in group["properties"].items()}
    needed = {name: parts.pop(name) for name in group.get("required", ())}
    return _some(needed, parts)


# With one cluster: several are checked as one stack each (tests/unit/components/settings/test_placements.py holds them
# equal).
_ONE = {name: node for name, node in _SCHEMA["properties"].items() if name not in ("placements", "balancer")}
_STACKS = _group({**_SCHEMA, "properties": _ONE, "required": ["cluster", "backend"]}, "")


@st.composite
def stacks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a stack file. Each setting is valid by itself, and mostly all of them together."""
    stack = draw(_STACKS)
    cluster, backend = stack["cluster"], stack["backend"]
    zones = cluster.get("zones", ["zone-a", "zone-b", "zone-c"])
    if cluster["kind"] == "cluster-api":
        zones = _put_on_a_cloud(draw, cluster)
    if cluster["kind"] != "stack-reference":  # the zones of that one are in another stack
        cluster["zones"] = zones
    scaling = backend.get("autoscaling", {})
    if cluster["kind"] == "local" and not draw(SELDOM):  # an embedded cluster serves none of these
        scaling.pop("podMetrics", None)
        scaling.pop("externalMetrics", None)
        backend.pop("ingress", None)
        backend.pop("route", None)
        backend.pop("monitoring", None)
        backend.get("placement", {}).pop("priorityClassName", None)
        if cluster.get("nodes", "simulated") == "simulated":
            cluster.pop("images", None)
    if backend.get("edge") and not draw(SELDOM):  # which says itself how long pods stay
        backend.get("placement", {}).pop("tolerationSeconds", None)
    if cluster["kind"] == "local" and draw(SELDOM):  # full to the brim
        cluster["nodesPerZone"], scaling = draw(st.integers(1, 3)), {"enabled": False}
        large = {"cpu": draw(st.sampled_from(["1", 2, "4000m"])), "memory": "1Gi"}
        backend |= {
            "survive": draw(CHOSEN["backend.survive"]),
            "replicas": draw(st.integers(2, 10)),
            "autoscaling": scaling,
            "resources": {**backend.get("resources", {}), "requests": large, "limits": {"cpu": 4, "memory": "8Gi"}},
        }
    if len(zones) < 3 and not draw(SELDOM):  # what the default leaves is too little there
        scaling = backend["autoscaling"] = {"cpuPercent": 30, **scaling}
    if ("maxReplicas" in scaling or backend.get("replicas", 3) > 9) and not draw(SELDOM):
        more = draw(mostly(st.integers(1, 12), st.integers(-1, 1)))
        backend["autoscaling"] = {**scaling, "maxReplicas": min(max(backend.get("replicas", 3) + more, 1), 1000)}
    if backend.get("network", {}).get("allowMetricsFrom") and not draw(SELDOM):
        backend["metricsPort"] = 9797
    fit_mesh(draw, backend, supported=cluster["kind"] != "local" or draw(SELDOM))
    before = backend.get("podTemplate", {}).get("spec", {}).get("initContainers", [])
    if any("restartPolicy" not in one for one in before) and not draw(SELDOM):
        backend.setdefault("health", {})["initSeconds"] = draw(st.integers(1, 60))
    watched = backend.get("monitoring", {})
    if watched.get("errorRatio") and not draw(SELDOM):
        watched["objectivePercent"] = 99.9
    if watched.get("scrape") and not draw(SELDOM):
        backend["metricsPort"] = 9797
        backend.setdefault("network", {})["allowMetricsFrom"] = ["monitoring"]
    start = (
        backend.get("health", {}).get("startupSeconds", 60)
        + backend.get("rollout", {}).get("minReadySeconds", 5)
        + backend.get("health", {}).get("initSeconds", 0)
        + 10 * (backend.get("mesh") in ("istio", "linkerd"))
        + sum(
            one["startupProbe"]["periodSeconds"] * one["startupProbe"]["failureThreshold"]
            for one in before
            if "startupProbe" in one
        )
    )
    if draw(SELDOM):  # just enough, or just not
        backend.setdefault("rollout", {})["progressDeadlineSeconds"] = min(
            max(start + draw(st.integers(-1, 5)), 30), 3600
        )
    elif backend.get("rollout", {}).get("progressDeadlineSeconds", 300) < start + 5 and not draw(SELDOM):
        backend.setdefault("rollout", {})["progressDeadlineSeconds"] = min(start + 5, 3600)
    for way, key, one in (("ingress", "hosts", "a.example"), ("route", "parentRefs", {"name": "edge"})):
        if backend.get(way) and not backend[way].get(key) and not draw(SELDOM):
            backend[way][key] = [one]
    if backend.get("network", {}).get("allowFrom") and not draw(SELDOM):
        backend.setdefault("loadBalancer", {})["enabled"] = False
    balancer = {
        "enabled": True,
        "externalTrafficPolicy": "Local",
        "healthCheckSeconds": 30,
        **backend.get("loadBalancer", {}),
    }
    local = balancer["enabled"] and balancer["externalTrafficPolicy"] == "Local"
    noticed = max(
        balancer["healthCheckSeconds"] + 3 if local else 5,
        *(
            backend.get(way, {}).get("endpointUpdateSeconds", 10) + 2 if backend.get(way, {}).get(key) else 0
            for way, key in (("ingress", "hosts"), ("route", "parentRefs"))
        ),
    )
    if draw(SELDOM):  # just long enough, or just not
        backend.setdefault("shutdown", {})["deregistrationSeconds"] = max(noticed + draw(st.integers(-1, 2)), 5)
    elif backend.get("shutdown", {}).get("deregistrationSeconds", 35) < noticed and not draw(SELDOM):
        backend.setdefault("shutdown", {})["deregistrationSeconds"] = max(noticed, 5) + draw(st.integers(0, 60))
    make_retries_consistent(draw, backend.get("route", {}), backend.get("shutdown", {}).get("drainSeconds", 20))
    if (stack.get("protect") or backend.get("edge")) and not draw(SELDOM):
        backend["image"] = backend["image"].partition("@")[0] + texts.DIGEST
    result: dict[str, Any] = stack
    return result


def _put_on_a_cloud(draw: st.DrawFn, cluster: dict[str, Any]) -> list[str]:
    """Put a cluster on one cloud, mostly, and return its zones."""
    cloud = draw(st.sampled_from(list(CLOUDS)))
    if not draw(SELDOM):
        for other in set(CLOUDS) - {cloud}:
            cluster.pop(other, None)
    own = cluster.get(cloud) or draw(_group(_SCHEMA["$defs"][CLOUDS[cloud].__name__], f"cluster.{cloud}"))
    # The region of the zones among them.
    required = {key: value for key, value in GROUPS[cloud].items() if f"cluster.{cloud}.{key}" not in CHOSEN}
    cluster[cloud] = {**own, **required}
    names = {pool.get("name", "general"): pool for pool in cluster.get("workers", [])}
    if names and not draw(SELDOM):
        cluster["workers"] = list(names.values())
    if not draw(SELDOM):
        cluster["name"] = cluster["name"][: CLOUDS[cloud].max_name_length].rstrip("-")
        if not CLOUDS[cloud].version_suffix:
            cluster["version"] = cluster["version"].partition("-")[0]
    return ZONES[cloud][: draw(st.integers(1, 3))]


def _paths(node: dict[str, Any], path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if "$ref" in node:
        node = _SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    inner = [
        *node.get("oneOf", ()),
        *(option for option in node.get("anyOf", ()) if "$ref" in option),
        *([node["items"]] if "items" in node else []),
    ]
    found = [one for option in inner for one in _paths(option, path)]
    found += [one for name, part in node.get("properties", {}).items() for one in _paths(part, (*path, name))]
    return sorted({path, *found})


# Every setting of one cluster, and every group of them.
PATHS = [path for path in _paths({**_SCHEMA, "properties": _ONE}, ()) if path]


def settings_of(group: SettingsModel) -> set[tuple[str, ...]]:
    """Return which of these settings a stack sets."""
    found: set[tuple[str, ...]] = set()
    for name in group.model_fields_set:
        value, key = getattr(group, name), str(type(group).model_fields[name].alias)
        inner = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, SettingsModel)]
        found |= {(key,), *((key, *path) for one in inner for path in settings_of(one))}
    return found
