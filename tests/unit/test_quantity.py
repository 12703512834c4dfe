"""Quantities as the API server reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from settings.quantity import amount
from tests.unit.recording import backend


@pytest.mark.parametrize(("text", "size"), [
    ("1", "1"), ("0", "0"), ("1.", "1"), ("1.5", "1.5"), (".5", "0.5"), ("0.25", "0.25"),
    ("100m", "0.1"), ("1500m", "1.5"), ("1u", "0.000001"), ("1n", "0.000000001"),
    ("1k", "1000"), ("1M", "1000000"), ("1G", "1000000000"), ("1T", "1e12"), ("1P", "1e15"), ("1E", "1e18"),
    ("1Ki", "1024"), ("128Mi", "134217728"), ("1Gi", "1073741824"), ("1Ti", str(2**40)), ("1Pi", str(2**50)),
    ("1Ei", str(2**60)), ("0.5Gi", "536870912"), (".5Ki", "512"),
    ("1e3", "1000"), ("1E3", "1000"), ("1e+3", "1000"), ("5e-1", "0.5"), ("1.5e3", "1500"),
])
def test_amount(text: str, size: str) -> None:
    assert amount(text) == Decimal(size)


@pytest.mark.parametrize("text", [
    "", " ", ".", "m", "Mi", "abc", "1 Mi", " 1", "1\n", "1mi", "1MI", "1MB", "1K", "1ki", "1,5", "1.5.5", "-1", "+1", "1e",
    "e3", "1e3Mi", "1ee3", "0x10", "1_000", "NaN", "inf", "\N{ARABIC-INDIC DIGIT ONE}",
])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        amount(text)


def test_orders_by_size_and_not_by_text() -> None:
    assert amount("1000m") == amount("1")
    assert amount("1Gi") > amount("1G") > amount("900Mi")
    assert amount("2") > amount("1999m")


@pytest.mark.parametrize(("given", "kept"), [(1, "1"), (0.5, "0.5"), ("1000m", "1000m")])
def test_a_number_is_taken_as_it_was_written(given: object, kept: str) -> None:
    limits = {"cpu": given, "memory": "1Gi"}
    assert backend(resources={"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": limits}).resources.limits.cpu == kept


def test_bytes_as_a_number() -> None:
    limits = {"cpu": 1, "memory": 536870912}
    assert backend(resources={"limits": limits}).resources.limits.memory == "536870912"
