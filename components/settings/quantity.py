"""Kubernetes resource quantities, such as ``500m`` or ``128Mi``, as validated types.

The grammar is the API's (k8s.io/apimachinery, pkg/api/resource): a decimal number with an optional suffix or exponent.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from ..errors import settings as errors
from .base import InvalidValueError

_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_PATTERN = (
    r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]{1,2}))?"
)


def amount(quantity: str) -> Decimal:
    """Return a quantity as a number: cores for CPU, bytes for memory. Raise ValueError if it does not parse."""
    match = re.fullmatch(_PATTERN, quantity)
    if not match:
        raise ValueError(f"{quantity!r} is not a Kubernetes quantity")
    if match["exponent"]:
        return Decimal(match["number"]).scaleb(int(match["exponent"]))
    return Decimal(match["number"]) * _FACTORS[match["suffix"] or ""]


def _checked(value: Any, unit: str, smallest: str, example: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # YAML reads `cpu: 1` as a number
    if not isinstance(value, str):
        raise InvalidValueError(f"must be a quantity of {unit}, such as {example}", errors.WRONG_TYPE)
    try:
        size = amount(value)
    except ValueError:
        raise InvalidValueError(
            f"is not a quantity of {unit}: use, for example, {example}", errors.INVALID_FORMAT
        ) from None
    if size < amount(smallest):
        raise InvalidValueError(f"must be at least {smallest} ({unit}), such as {example}", errors.OUT_OF_RANGE)
    if size > amount("1P"):
        raise InvalidValueError(f"must be at most 1P ({unit}), such as {example}", errors.OUT_OF_RANGE)
    return value


def _check_cpu(value: Any) -> str:
    return _checked(value, "CPU cores", "1m", "500m or 2")


def _check_memory(value: Any, smallest: str = "1Mi") -> str:
    # 128m in the place of 128M is a common slip.
    text = _checked(value, "bytes", smallest, "128Mi or 1Gi")
    if (size := amount(text)) != int(size):
        # The API server accepts it with a warning, and rounds it.
        raise InvalidValueError(
            f"is not an integer number of bytes: use, for example, {int(size) // 2**20}Mi", errors.INVALID_FORMAT
        )
    return text


def _check_memory_limit(value: Any) -> str:
    return _check_memory(value, "4Mi")  # a container with a lower limit cannot start


def _check_amount(value: Any) -> str:
    return _checked(value, "the metric", "1m", "100 or 500m")


_SCHEMA = {
    "anyOf": [
        {
            "type": "string",
            "pattern": f"^{_PATTERN}$".replace("?P<number>", "?:")
            .replace("?P<suffix>", "?:")
            .replace("?P<exponent>", "?:"),
        },
        {"type": "number", "exclusiveMinimum": 0},
    ]
}

Cpu = Annotated[str, BeforeValidator(_check_cpu), WithJsonSchema(_SCHEMA)]
Memory = Annotated[str, BeforeValidator(_check_memory), WithJsonSchema(_SCHEMA)]
MemoryLimit = Annotated[str, BeforeValidator(_check_memory_limit), WithJsonSchema(_SCHEMA)]
Amount = Annotated[str, BeforeValidator(_check_amount), WithJsonSchema(_SCHEMA)]
