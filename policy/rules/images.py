"""Images: whether all pods of a release run the same program."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import text
from policy.resource import POD_MAKING, Container, containers
from policy.rule import ADVISORY, MANDATORY, Parameter, Rule, Subject, clear

_MOVING = [
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
    """What follows the last colon of the last part; the colon of a registry's port does not count."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _moving(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource, also_before=True):
        yield from clear(_moving_of(container, subject.given["tags"]))


def _moving_of(container: Container, moving: list[str]) -> Iterator[str]:
    image = text(container.spec, "image")
    if not image or "@" in image:
        return
    if not _tag(image):
        yield (
            f"{container.path}.image is {image}, without a tag, which is latest: pods of one release may differ; name a "
            "version"
        )
    elif _tag(image).lower() in moving:
        yield f"{container.path}.image is {image}, a tag that is moved: pods of one release may differ; name a version"


def _digest(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource, also_before=True):
        yield from clear(_digest_of(container))


def _digest_of(container: Container) -> Iterator[str]:
    image = text(container.spec, "image")
    if image and "@sha256:" not in image:
        yield f"{container.path}.image is {image}, without a digest: whoever may push can change what runs; add @sha256:..."


RULES = (
    Rule(
        "image-version",
        MANDATORY,
        "An image has a tag that is not moved, or a digest.",
        POD_MAKING,
        _moving,
        parameters={"tags": Parameter("Tags that are moved.", _MOVING, {"type": "array", "items": {"type": "string"}})},
    ),
    Rule("image-digest", ADVISORY, "An image has a digest.", POD_MAKING, _digest),
)
