"""Sampling and load: what counts as a ready endpoint, failed queries, kinds of errors, vegeta's command line."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.inspection.client import InspectionError
from lab import drills
from lab.drills import errors, vegeta
from lab.drills.clock import Clock
from lab.drills.endpoints import NO_ZONE, Sampler, count_ready, service_query
from lab.drills.vegeta import LoadError, LoadSpec


def endpoint(pod: str, zone: str | None = "a", **conditions: bool) -> dict[str, Any]:
    return {"addresses": ["10.0.0.1"], "targetRef": {"uid": pod}, "zone": zone, "conditions": conditions}


def test_ready_endpoints_are_counted_by_zone() -> None:
    slices: list[dict[str, Any]] = [
        {
            "endpoints": [
                endpoint("1", ready=True),
                endpoint("2", "b", ready=True),
                endpoint("3", "b", ready=False),
                endpoint("4", "b", ready=True, terminating=True),
                endpoint("5", None, ready=True),
                endpoint("6"),
            ]
        },
        {"endpoints": [endpoint("1", ready=True)]},  # the same pod by its other address
        {"endpoints": None},
    ]
    assert count_ready(slices) == {"a": 2, "b": 1, NO_ZONE: 1}
    assert count_ready([]) == {}
    assert count_ready([{"endpoints": [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}]}]) == {NO_ZONE: 2}


class Api:
    """Returns a fixed response, and records the path."""

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer, self.path = answer, ""

    def get_if_permitted(self, path: str) -> dict[str, Any] | None:
        self.path = path
        return self.answer


def test_the_query_reads_the_slices_of_the_service() -> None:
    api = Api({"items": [{"endpoints": [endpoint("1", ready=True)]}]})
    assert service_query(api, "shop", "cart")() == {"a": 1}  # type: ignore[arg-type]
    assert api.path == (
        "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dcart"
    )


def test_a_missing_permission_is_not_zero() -> None:
    with pytest.raises(InspectionError, match="no permission to list the EndpointSlices of Service shop/cart"):
        service_query(Api(None), "shop", "cart")()  # type: ignore[arg-type]


def test_a_sampler_continues_after_a_failed_query() -> None:
    answers: Iterator[Mapping[str, int] | None] = iter([{"a": 3}, None, {"a": 2}])
    done = threading.Event()

    def ask() -> Mapping[str, int]:
        answer = next(answers, {})
        if answer == {}:
            done.set()
        if answer is None:
            raise InspectionError("the API server does not answer")
        return answer

    with Sampler(ask, Clock(), every=0.01) as sampler:
        assert done.wait(10)
    assert [sample.ready for sample in sampler.samples][:3] == [{"a": 3}, None, {"a": 2}]
    times = [sample.at for sample in sampler.samples]
    assert times == sorted(times)
    seen = len(sampler.samples)
    time.sleep(0.05)
    assert len(sampler.samples) == seen, "it has ended"


def test_a_response_counts_from_its_arrival() -> None:
    def ask() -> Mapping[str, int]:
        time.sleep(0.2)
        return {}

    with Sampler(ask, Clock(), every=0.01) as sampler:
        pass
    assert sampler.samples[0].at >= 0.2


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (200, "", ""),
        (302, "", ""),
        (503, "503 Service Unavailable", "503"),
        (404, "", "404"),
        (
            0,
            'Get "http://10.1.2.3/": dial tcp 0.0.0.0:0->10.1.2.3:80: connect: connection refused',
            "connection refused",
        ),
        (
            0,
            'Get "http://10.1.2.3/": read tcp 10.0.0.1:40312->10.1.2.3:80: read: connection reset by baseline',
            "connection reset",
        ),
        (0, 'Get "http://x/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', "timeout"),
        (0, 'Get "http://x/": dial tcp 0.0.0.0:0->1.2.3.4:80: i/o timeout', "timeout"),
        (0, 'Get "http://x/": EOF', "EOF"),
        (0, "unexpected EOF", "EOF"),
        (0, 'Get "http://x/": dial tcp: connect: no route to host', "no route to host"),
        (0, 'Get "http://x/": dial tcp: socket: too many open files', "client: too many open files"),
        (0, 'Get "http://x/": dial tcp: connect: cannot assign requested address', "client: out of local ports"),
        (0, 'Get "http://x/": something new', "something new"),
        (0, "", "no response"),
    ],
)
def test_errors_are_classified(code: int, text: str, kind: str) -> None:
    assert errors.classify(code, text) == kind
    assert errors.is_client_error(kind) == kind.startswith("client")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"url": "10.1.2.3:80"}, "url: '10.1.2.3:80' is not a URL: use http://HOST:PORT/PATH"),
        ({"url": "http://a/\nGET http://b/"}, "is not a URL"),
        ({"url": "ftp://a"}, "is not a URL"),
        ({"rate": 0}, "rate: 0 sends no requests: set it above 0"),
        ({"timeout": -1}, "timeout: -1"),
    ],
)
def test_an_invalid_load_is_rejected(change: dict[str, Any], text: str) -> None:
    with pytest.raises(LoadError) as raised:
        LoadSpec(**{"subject": "web", "url": "http://127.0.0.1/", "connections": "new", **change})
    assert text in str(raised.value)


def words(url: str, connections: Any, **more: Any) -> tuple[list[str], str]:
    return vegeta.command(Path("vegeta"), LoadSpec("web", url, connections, **more), Path("out"))


def test_new_and_reused_connections_have_their_options() -> None:
    arguments, stdin = words("http://10.1.2.3/path", "new", rate=50, timeout=2)
    assert {"-keepalive=false", "-rate=50/1s", "-timeout=2000ms", "-redirects=-1", "-output=out"} <= set(arguments)
    assert stdin == "GET http://10.1.2.3/path\n"
    arguments, stdin = words("http://10.1.2.3/path?q=1", "reused", clients=2)
    assert "-keepalive=false" not in arguments
    assert "-connect-to=client-1.invalid:80:10.1.2.3:80" in arguments
    assert "-header=Host: 10.1.2.3" in arguments
    assert stdin == "GET http://client-0.invalid:80/path?q=1\nGET http://client-1.invalid:80/path?q=1\n"


def test_a_host_header_is_kept() -> None:
    arguments, _ = words("http://10.1.2.3/", "reused", headers=("host: shop.example",))
    assert [word for word in arguments if word.startswith("-header")] == ["-header=host: shop.example"]
    for url in ("https://shop.example/", "http://[::1]:80/"):
        arguments, stdin = words(url, "reused")
        assert stdin == f"GET {url}\n"
        assert not any("connect-to" in word for word in arguments)


def test_the_clock_converts_wall_clock_times() -> None:
    clock = Clock()
    seconds = clock.from_wall_clock()
    assert abs(seconds(time.time_ns()) - clock.now()) < 0.1


def test_drills_do_not_depend_on_a_way_to_deploy() -> None:
    packages = pkgutil.walk_packages(drills.__path__, "lab.drills.")
    modules = ", ".join(package.name for package in packages if not package.name.endswith("__main__"))
    forbidden = ("pulumi", "components.backend", "components.cluster", "components.deployment", "ops", "lab.testbed")
    code = (
        f"import sys, {modules}; print(sorted(name for name in sys.modules "
        f"if any(name == one or name.startswith(one + '.') for one in {forbidden!r})))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
