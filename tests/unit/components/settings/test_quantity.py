"""Quantities are parsed as the API server parses them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from components.settings.quantity import amount
from tests.support.fake_engine import backend


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", "1"),
        ("0", "0"),
        ("1.", "1"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("0.25", "0.25"),
        ("100m", "0.1"),
        ("1500m", "1.5"),
        ("1u", "0.000001"),
        ("1n", "0.000000001"),
        ("1k", "1000"),
        ("1M", "1000000"),
        ("1G", "1000000000"),
        ("1T", "1e12"),
        ("1P", "1e15"),
        ("1E", "1e18"),
        ("1Ki", "1024"),
        ("128Mi", "134217728"),
        ("1Gi", "1073741824"),
        ("1Ti", str(2**40)),
        ("1Pi", str(2**50)),
        ("1Ei", str(2**60)),
        ("0.5Gi", "536870912"),
        (".5Ki", "512"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1e+3", "1000"),
        ("5e-1", "0.5"),
        ("1.5e3", "1500"),
    ],
)
def test_amount(text: str, size: str) -> None:
    assert amount(text) == Decimal(size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "m",
        "Mi",
        "abc",
        "1 Mi",
        " 1",
        "1\n",
        "1mi",
        "1MI",
        "1MB",
        "1K",
        "1ki",
        "1,5",
        "1.5.5",
        "-1",
        "+1",
        "1e",
        "e3",
        "1e3Mi",
        "1ee3",
        "0x10",
        "1_000",
        "NaN",
        "inf",
        "\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_texts_that_are_not_quantities(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        amount(text)


def test_amounts_compare_by_size() -> None:
    assert amount("1000m") == amount("1")
    assert amount("1Gi") > amount("1G") > amount("900Mi")
    assert amount("2") > amount("1999m")


@pytest.mark.parametrize(("given", "kept"), [(1, "1"), (0.5, "0.5"), ("1000m", "1000m")])
def test_a_number_is_kept_as_it_is_written(given: object, kept: str) -> None:
    limits = {"cpu": given, "memory": "1Gi"}
    assert (
        backend(resources={"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": limits}).resources.limits.cpu
        == kept
    )


@pytest.mark.parametrize("value", ["1P", "1000T", "1e15", 10**15])
def test_the_largest_quantity_is_one_peta(value: object) -> None:
    given = backend(resources={"limits": {"cpu": value, "memory": value}, "tmpSizeLimit": value})
    limits = given.resources.limits
    assert limits.memory and limits.cpu
    assert amount(limits.memory) == amount(limits.cpu) == 10**15


@pytest.mark.parametrize("value", ["1Pi", "1.1P", "1E", "99Ei", "1e16", "9" * 40, 10**15 + 1])
@pytest.mark.parametrize(
    ("key", "resources"),
    [
        ("limits.cpu", lambda value: {"limits": {"cpu": value, "memory": "1Gi"}}),
        ("limits.memory", lambda value: {"limits": {"cpu": "1", "memory": value}}),
        ("tmpSizeLimit", lambda value: {"tmpSizeLimit": value}),
    ],
)
def test_larger_quantities_are_rejected(value: object, key: str, resources: Callable[[object], Any]) -> None:
    with pytest.raises(ValidationError, match=r"must be at most 1P \(") as caught:
        backend(resources=resources(value))
    assert ".".join(map(str, caught.value.errors()[0]["loc"])) == f"resources.{key}"


def test_bytes_as_a_number() -> None:
    limits = {"cpu": 1, "memory": 536870912}
    assert backend(resources={"limits": limits}).resources.limits.memory == "536870912"
