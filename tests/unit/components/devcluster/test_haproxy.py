"""haproxy's configuration for the load balancer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from components.devcluster.nodes import haproxy
from components.devcluster.nodes.haproxy import Frontend
from tests.unit.components.devcluster.test_balancer import NODES, POOL

FRONTEND = Frontend("shop_one_80_30080", POOL[0], 80, 30080, None)


def test_every_node_has_a_health_check(tmp_path: Path) -> None:
    text = haproxy.configuration([FRONTEND, Frontend("shop_two_80_30081", POOL[1], 80, 30081, 32000)], NODES, tmp_path)
    assert "  server zone-a-1 10.77.0.11:30080 check port 10256\n" in text  # kube-proxy's
    assert "  server zone-b-1 10.77.0.12:30081 check port 32000\n" in text  # the Service's own
    assert f"  bind {POOL[0]}:80\n" in text


@pytest.mark.skipif(
    not shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin"),
    reason="haproxy is not installed",
)
def test_haproxy_accepts_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(haproxy.configuration([FRONTEND], NODES, tmp_path))
    done = subprocess.run(
        ["haproxy", "-c", "-f", str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/usr/local/sbin"},
    )
    assert done.returncode == 0, done.stderr
