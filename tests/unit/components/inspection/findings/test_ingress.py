"""Whether an Ingress has an address, and whether each Gateway has accepted the route."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection.findings.ingress import expected, findings
from tests.support.fake_engine import backend
from tests.support.observations import observation, status_with


def parent(name: str, *, section: str | None = None, **conditions: str) -> dict[str, Any]:
    """Return the status that a Gateway has written, with conditions by type."""
    entries = [
        {"type": kind, "status": status, "reason": "Why", "message": "because"} for kind, status in conditions.items()
    ]
    return {"parentRef": {"name": name, **({"sectionName": section} if section else {})}, "conditions": entries}


@pytest.mark.parametrize(
    ("parents", "text"),
    [
        ([parent("edge", Accepted="True", ResolvedRefs="True")], None),
        ([], "has no status from Gateway edge"),
        ([parent("other", Accepted="True")], "has no status from Gateway edge"),
        ([parent("edge", section="x", Accepted="True")], "has no status from Gateway edge"),
        ([parent("edge", Accepted="False", ResolvedRefs="True")], "Gateway edge: Accepted is False (Why: because)"),
        ([parent("edge", Accepted="True", ResolvedRefs="False")], "Gateway edge: ResolvedRefs is False"),
    ],
)
def test_a_route_works_once_each_gateway_has_accepted_it(parents: Any, text: str | None) -> None:
    settings = backend(route={"parentRefs": [{"name": "edge"}]})
    lines = list(findings(settings, observation(route={"status": {"parents": parents}})))
    assert len(lines) == (text is not None)
    assert all(text in line and line.endswith(" [route-not-accepted]") for line in lines if text)


def test_an_ingress_works_once_it_has_an_address() -> None:
    settings = backend(ingress={"hosts": ["a.b"], "className": "nginx"})
    address = status_with(load_balancer=status_with(ingress=["192.0.2.1"]))
    assert not list(findings(settings, observation(ingress=status_with(status=address))))
    without = status_with(status=status_with(load_balancer=status_with(ingress=None)))
    (line,) = findings(settings, observation(ingress=without))
    assert "no controller serves its class (nginx)" in line
    assert line.endswith(" [ingress-without-address]")
    unawaited = backend(ingress={"hosts": ["a.b"], "annotations": {"pulumi.com/skipAwait": "true"}})
    assert not list(findings(unawaited, observation(ingress=status_with(status=None))))
    for path, stack in (
        ("networking.k8s.io/v1/ingresses", settings),
        ("gateway.networking.k8s.io/v1/httproutes", backend(route={"parentRefs": [{"name": "x"}]})),
    ):
        assert expected(stack) == (path,)
        (line,) = findings(stack, observation())
        assert "does not exist" in line
