"""Services: whether a request to one reaches a pod that can answer it."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import get, whole
from policy.resource import COMPLETING, SERVING, port_names
from policy.rule import MANDATORY, Rule, Subject


def _service(subject: Subject) -> Iterator[str]:
    service, stack = subject.resource, subject.stack
    if not service.get("spec", "selector") or service.get("spec", "type") == "ExternalName":
        return
    found = stack.served(service, SERVING)
    if not found.resources and not found.may_match_more and stack.shows_all(service, SERVING):
        yield (
            f"spec.selector is {whole(service.get('spec', 'selector'))}, and no pod of this stack in its namespace has "
            "these labels: every request fails; use the labels of the pods that answer"
        )


def _service_jobs(subject: Subject) -> Iterator[str]:
    for job in subject.stack.served(subject.resource, COMPLETING).resources:
        yield (
            f"spec.selector also matches the pods of the {job.kind} {job.name}, which would receive requests; add a "
            "label that only the serving pods have"
        )


def _named_port(subject: Subject) -> Iterator[str]:
    found = subject.stack.served(subject.resource, SERVING)
    for port in subject.resource.entries("spec", "ports"):
        name = get(port, "targetPort")
        if not isinstance(name, str) or name.isdigit():
            continue
        for workload in found.resources:
            names = port_names(workload)
            if name not in names:
                yield (
                    f"spec.ports: targetPort is {name!r}, and no container of the {workload.kind} {workload.name} has "
                    f"a port of that name (it has: {', '.join(sorted(names)) or 'none'}): nothing answers; name that "
                    f"port"
                )


def _unready(subject: Subject) -> Iterator[str]:
    service = subject.resource
    if service.get("spec", "publishNotReadyAddresses") is True and service.get("spec", "clusterIP") != "None":
        yield (
            "spec.publishNotReadyAddresses is true: requests reach pods that cannot answer them; omit it, except for a "
            "headless Service (clusterIP: None) by which pods find one another"
        )


RULES = (
    Rule("service-has-pods", MANDATORY, "A Service selects pods.", ("Service",), _service, across=True),
    Rule(
        "service-has-port",
        MANDATORY,
        "A Service names a port of its pods.",
        ("Service",),
        _named_port,
        across=True,
    ),
    Rule("service-no-jobs", MANDATORY, "A Service selects no pods of Jobs.", ("Service",), _service_jobs, across=True),
    Rule("service-ready-only", MANDATORY, "A Service sends requests to ready pods only.", ("Service",), _unready),
)
