"""A number of pods, or a percentage of them, as Kubernetes has it in budgets and rollouts."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from ..errors import settings as errors
from .base import FORMS, InvalidValueError
from .problems import shown

_PERCENTAGE = r"^(100|[1-9]?[0-9])%$"
_MOST = 1000
FORM = f'an integer from 0 to {_MOST}, or a percentage in quotes, such as "25%"'
FORMS[_PERCENTAGE] = 'a percentage, such as "25%"'


def _checked(value: Any) -> Any:
    number = isinstance(value, int) and not isinstance(value, bool)
    if not number and not isinstance(value, str):
        raise InvalidValueError(f"{shown(value)} is invalid: must be {FORM}", errors.WRONG_TYPE)
    if number and not 0 <= value <= _MOST:
        raise InvalidValueError(f"{shown(value)} is invalid: must be {FORM}", errors.OUT_OF_RANGE)
    if not number and not re.fullmatch(_PERCENTAGE, value):
        raise InvalidValueError(f"{shown(value)} is invalid: must be {FORM}", errors.INVALID_FORMAT)
    return value


Share = Annotated[
    int | str,
    BeforeValidator(_checked),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0, "maximum": _MOST}, {"type": "string", "pattern": _PERCENTAGE}]}
    ),
]


def is_share(value: Any) -> bool:
    """Return whether a value is a number of pods or a percentage."""
    try:
        _checked(value)
    except InvalidValueError:
        return False
    return True


def pods_of(share: int | str, replicas: int, *, round_up: bool = True) -> int:
    """Return the number of pods that a share of ``replicas`` is, rounded as Kubernetes does."""
    if isinstance(share, int):
        return share
    exact = int(share.removesuffix("%")) * replicas
    return -(-exact // 100) if round_up else exact // 100
