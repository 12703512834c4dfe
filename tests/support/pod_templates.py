"""Pod template overrides, as users write them."""

from __future__ import annotations

from typing import Any

from tests.support.fake_engine import IMAGE
from tests.support.problems import Values, rejected

POD, OWN = "podTemplate.spec", "podTemplate.spec.containers[0]"
INIT = "podTemplate.spec.initContainers[0]"
SMALL = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}


def container(**more: Any) -> Values:
    """Return a container with all required fields."""
    return {"name": "proxy", "image": "example.org/proxy:1", "resources": SMALL, **more}


def sidecar(**more: Any) -> Values:
    """Return a sidecar, which starts before the backend and stops after it."""
    return container(**{"restartPolicy": "Always", **more})


def spec(**more: Any) -> Values:
    """Return settings that override these fields of the pod's spec."""
    return {"podTemplate": {"spec": more}}


def own(**more: Any) -> Values:
    """Return settings that override these fields of the backend's own container."""
    return spec(containers=[{"name": "backend", **more}])


def annotated(annotations: dict[str, str]) -> Values:
    """Return settings that annotate the pod."""
    return {"podTemplate": {"metadata": {"annotations": annotations}}}


def probe(**more: Any) -> Values:
    """Return a probe."""
    return {"tcpSocket": {"port": 9001}, **more}


def volume(**source: Any) -> Values:
    """Return settings that add a volume."""
    return spec(volumes=[{"name": "v", **source}])


def added(**more: Any) -> Values:
    """Return settings that add a sidecar."""
    return spec(initContainers=[sidecar(**more)])


def problems_of(backend: Values, **more: Any) -> dict[str, str]:
    """Return the text of each problem by its key, without the group's."""
    return {key.removeprefix("backend."): text for key, text in rejected(backend, **more).items()}


def assert_only_problem(values: Values, key: str, text: str) -> None:
    """Assert that the settings have one problem, with this key and this part of its text."""
    problems = problems_of({"image": IMAGE, **values})
    assert list(problems) == [key]
    assert text in problems[key]
