"""How changed fields are named and shown: exactly the one that differs, short, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ops.review.difference import compare
from ops.review.preview import SECRET, UNKNOWN
from tests.support.review_previews import BACKEND, DEPLOYMENT, changed, preview, step, updated, written

ENVIRONMENT = [{"configMapRef": {"name": "web-1"}}, {"secretRef": {"name": "keys"}}]


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        (
            ENVIRONMENT,
            [{"configMapRef": {"name": "web-2"}}, {"secretRef": {"name": "keys"}}],
            ["envFrom[0].configMapRef.name"],
        ),
        (ENVIRONMENT, [{"configMapRef": {"name": "web-2"}}, {"secretRef": {"name": "more"}}], ["envFrom"]),
        (ENVIRONMENT, ENVIRONMENT[::-1], ["envFrom"]),
        (ENVIRONMENT, ENVIRONMENT[:1], ["envFrom"]),
        (ENVIRONMENT, ENVIRONMENT, []),
        (["a", "b"], ["a", "c"], ["envFrom"]),
    ],
)
def test_the_one_entry_that_differs_is_named(before: list[Any], after: list[Any], paths: list[str]) -> None:
    assert [one.path for one in compare({"envFrom": before}, {"envFrom": after})] == paths


def test_an_image_is_shown_with_the_beginning_of_its_digest() -> None:
    image = "ghcr.io/shop/web:{}@sha256:" + "0123456789abcdef" * 4
    old, new = (changed(DEPLOYMENT, f"{BACKEND}image", image.format(tag)) for tag in ("1.0", "1.1"))
    text = written(preview(step(DEPLOYMENT, "update", old, new)))
    shown = "`ghcr.io/shop/web:{}@sha256:01234567…`"
    assert f"`spec.template.spec.containers[backend].image`: {shown.format('1.0')} → {shown.format('1.1')} |" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (UNKNOWN, "*known after the update*"),
        (f"x-{UNKNOWN}", "`x-(known after the update)`"),
        (SECRET, "*secret*"),
        ("y" * 200, f"`{'y' * 80}…`"),
        (3, "`3`"),
        (True, "`true`"),
        ({"a": [SECRET]}, "*secret*"),
    ],
)
def test_each_kind_of_value(value: Any, shown: str) -> None:
    text = written(preview(updated(f"{BACKEND}image", value)))
    assert f"| `spec.template.spec.containers[backend].image` | `web:1` | {shown} |" in text
