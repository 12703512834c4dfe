"""Images: whether all pods of a release run the same program."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import text
from policy.resource import WORKLOADS, Container, containers
from policy.rule import ADVISORY, MANDATORY, Parameter, Rule, Subject, clear

_MOVING_TAGS = [
    "latest",
    "stable",
    "main",
    "master",
    "edge",
    "nightly",
    "dev",
    "develop",
    "head",
    "trunk",
    "canary",
    "snapshot",
    "current",
]


def _tag(image: str) -> str:
    """Return the tag of an image. The colon before a registry's port does not count."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _moving(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource, init=True):
        yield from clear(_moving_of(container, subject.parameters["tags"]))


def _moving_of(container: Container, moving: list[str]) -> Iterator[str]:
    image = text(container.spec, "image")
    if not image or "@" in image:
        return
    if not _tag(image):
        yield (
            f"{container.path}.image is {image}, without a tag, so latest: pods of one release may differ; use a "
            f"version"
        )
    elif _tag(image).lower() in moving:
        yield f"{container.path}.image is {image}, a tag that moves: pods of one release may differ; use a version"


def _digest(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource, init=True):
        yield from clear(_digest_of(container))


def _digest_of(container: Container) -> Iterator[str]:
    image = text(container.spec, "image")
    if image and "@sha256:" not in image:
        yield (
            f"{container.path}.image is {image}, without a digest: a push to the registry can change what runs; add "
            f"@sha256:..."
        )


RULES = (
    Rule(
        "image-version",
        MANDATORY,
        "An image has a tag that does not move, or a digest.",
        WORKLOADS,
        _moving,
        parameters={"tags": Parameter("Tags that move.", _MOVING_TAGS, {"type": "array", "items": {"type": "string"}})},
    ),
    Rule("image-digest", ADVISORY, "An image has a digest.", WORKLOADS, _digest),
)
