"""The base class of all settings, and the types of single values that several of them share.

Modules with models do not use ``from __future__ import annotations``: pydantic would evaluate each annotation from its
text, which takes a quarter of the time to build a model, in every preview.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..errors import ErrorKind

FORMS: dict[str, str] = {}
"""The description of every pattern, by the pattern; ``form`` adds to it. It completes "must be ..." in messages."""


class SettingsModel(BaseModel):
    """A group of settings: camelCase keys, no unknown keys, no conversion of types, immutable."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True, defer_build=True)


class InvalidValueError(ValueError):
    """A validator rejects a value. The text says what is wrong with it; the kind gives the error its id."""

    def __init__(self, text: str, kind: ErrorKind) -> None:
        super().__init__(text)
        self.kind = kind


def form(pattern: str, meaning: str, *, max_length: int) -> Any:
    """Return the field of a string that matches ``pattern``. ``meaning`` completes "must be ..." in messages."""
    FORMS[pattern] = meaning
    return Field(pattern=pattern, max_length=max_length)


# An RFC 1035 label. 52 characters leave 11 of the 63 for the suffix of the longest child name.
Name = Annotated[
    str,
    form(
        r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "lowercase letters, digits and '-', starting with a letter and not ending with '-'",
        max_length=52,
    ),
]
HttpPath = Annotated[str, form(r"^/[!-~]*$", "a path that starts with '/' and contains no space", max_length=1024)]
EnvironmentVariable = Annotated[
    str,
    form(
        r"^[A-Za-z_][A-Za-z0-9_]*$",
        "the name of an environment variable: letters, digits and '_', not starting with a digit",
        max_length=253,
    ),
]
NonEmptyLabelValue = Annotated[
    str,
    form(
        r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        "a label value: letters, digits, '-', '_' and '.', starting and ending with a letter or a digit",
        max_length=63,
    ),
]
# The value of the node label topology.kubernetes.io/zone.
Zone = NonEmptyLabelValue
LabelValue = Annotated[
    str,
    form(
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
        "a label value: letters, digits, '-', '_' and '.', or empty",
        max_length=63,
    ),
]
# An RFC 1123 subdomain.
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
LabelKey = Annotated[
    str,
    form(
        rf"^({SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$",
        "a label key: at most 63 letters, digits, '-', '_' and '.', optionally after a domain and a slash",
        max_length=253,
    ),
]
# The metrics API takes the name as a segment of its path.
MetricName = Annotated[
    str,
    form(
        r"^[A-Za-z0-9_:][A-Za-z0-9_:.|-]*$",
        "the name of a metric: letters, digits and any of _:.|- (not starting with any of .|-)",
        max_length=253,
    ),
]
ObjectName = Annotated[str, form(rf"^{SUBDOMAIN}$", "lowercase letters, digits, '-' and single dots", max_length=253)]
PriorityClass = ObjectName
# Name of an existing namespace, which may be any RFC 1123 label.
Namespace = Annotated[str, form(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "lowercase letters, digits and '-'", max_length=63)]
