"""Settings of an Ingress and an HTTPRoute that are rejected, each with its key and remedy."""

from __future__ import annotations

import pytest

from tests.support.fake_engine import IMAGE, backend
from tests.support.ingresses import NO_LOAD_BALANCER
from tests.support.problems import EXISTING, Row, Values, accepted, rejected, row_id

BAD: list[Row] = [
    ({"ingress": {"hosts": "a"}}, "ingress.hosts", "a list of at most 20 entries"),
    ({"ingress": {"hosts": ["A.example"]}}, "ingress.hosts[0]", "a host name"),
    ({"ingress": {"hosts": ["10.0.0.1"]}}, "ingress.hosts[0]", "'10.0.0.1' is an IP address: use a name"),
    ({"ingress": {"hosts": ["a.*.b"]}}, "ingress.hosts[0]", "a host name"),
    ({"ingress": {"hosts": ["a.b"], "path": "shop"}}, "ingress.path", "a path such as /shop"),
    ({"ingress": {"hosts": ["a.b"], "path": "/a//b"}}, "ingress.path", "no segment that is empty"),
    ({"ingress": {"hosts": ["a.b"], "path": "/../b"}}, "ingress.path", "starts with a dot"),
    ({"ingress": {"hosts": ["a.b"], "annotations": {"a b": "c"}}}, "ingress.annotations.a b", "a label key"),
    ({"ingress": {"hosts": ["a.b"], "endpointUpdateSeconds": 0}}, "ingress.endpointUpdateSeconds", "from 1 to 300"),
    ({"ingress": {"hosts": ["a.b"], "class": "x"}}, "ingress.class", "did you mean 'className'?"),
    ({"route": {"parentRefs": [{"nam": "x", "name": "x"}]}}, "route.parentRefs[0].nam", "did you mean 'name'?"),
    ({"route": {"parentRefs": [{}]}}, "route.parentRefs[0].name", "is required. Name of the Gateway."),
    ({"route": {"parentRefs": [{"name": "x"}], "timeoutSeconds": 0}}, "route.timeoutSeconds", "from 1 to 3600"),
    ({"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 11}}}, "route.retry.attempts", "from 1 to 10"),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempt": 1}}},
        "route.retry.attempt",
        "did you mean 'attempts'?",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 1, "codes": [302]}}},
        "route.retry.codes[0]",
        "from 400 to 599",
    ),
]
TOGETHER: list[Row] = [
    (
        {"ingress": {"className": "nginx", "path": "/a"}},
        "ingress.hosts",
        "is empty, so className, path has no effect",
    ),
    ({"route": {"hostnames": ["a.b"]}}, "route.parentRefs", "is empty, so hostnames has no effect"),
    ({"route": {"retry": {"attempts": 2}}}, "route.parentRefs", "is empty, so retry has no effect"),
    (
        {"route": {"parentRefs": [{"name": "x"}], "timeoutSeconds": 5, "backendTimeoutSeconds": 6}},
        "route.backendTimeoutSeconds",
        "6 is above route.timeoutSeconds (5)",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "backendTimeoutSeconds": 21}},
        "route.backendTimeoutSeconds",
        "is above shutdown.drainSeconds (20)",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"codes": [503]}}},
        "route.retry.attempts",
        "leaves codes and backoffMilliseconds without effect",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 1, "codes": [503, 503]}}},
        "route.retry.codes",
        "503 occurs more than once",
    ),
    ({"network": {"allowFrom": ["ingress"]}}, "network.allowFrom", "set loadBalancer.enabled to false"),
]
SLOW: list[Row] = [
    (
        {**NO_LOAD_BALANCER, "ingress": {"hosts": ["a.b"], "endpointUpdateSeconds": 40}},
        "shutdown.deregistrationSeconds",
        "A terminating pod receives requests for ingress.endpointUpdateSeconds (40) + 2 seconds: raise it to 42",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "endpointUpdateSeconds": 34}},
        "shutdown.deregistrationSeconds",
        "raise it to 36",
    ),
]


@pytest.mark.parametrize(("values", "key", "text"), BAD, ids=row_id)
def test_an_invalid_value_is_rejected_with_its_key(values: Values, key: str, text: str) -> None:
    found = rejected({"image": IMAGE, **values}, EXISTING)
    assert list(found) == [f"backend.{key}"]
    assert text in found[f"backend.{key}"]


@pytest.mark.parametrize(("values", "key", "text"), [*TOGETHER, *SLOW], ids=row_id)
def test_a_contradiction_is_rejected_with_its_key(values: Values, key: str, text: str) -> None:
    from components.settings.consistency import conflicts as contradictions

    (found,) = contradictions(backend(**values))
    assert found.key == key
    assert text in f"{found.value} {found.text}"


def test_a_disabled_load_balancer_needs_no_deregistration() -> None:
    accepted({**NO_LOAD_BALANCER, "shutdown": {"deregistrationSeconds": 5}})
