"""What all settings have in common: written in camelCase, unknown keys refused, no silent conversion, never changed.

Modules with groups do without `from __future__ import annotations`: pydantic would have to evaluate each annotation from its
text, which is a quarter of what it takes to make a group, in every preview.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Group(BaseModel):
    """One group of settings."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True, defer_build=True)


# A DNS label (RFC 1123). 52 leaves room in 63 characters for the suffix of the longest child name.
Name = Annotated[str, Field(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", max_length=52)]
Path = Annotated[str, Field(pattern=r"^/[!-~]*$", max_length=1024)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=253)]
# A label's value that is not empty. Such ones name zones.
FilledLabelValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", max_length=63)]
Zone = FilledLabelValue
LabelValue = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", max_length=63)]
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
# A name of up to 63 characters, with or without a DNS name and a slash before it.
LabelKey = Annotated[
    str, Field(pattern=rf"^({SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$", max_length=253)
]
# The API takes it as a part of a path.
MetricName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_:][A-Za-z0-9_:.|-]*$", max_length=253)]
ObjectName = Annotated[str, Field(pattern=rf"^{SUBDOMAIN}$", max_length=253)]
PriorityClass = ObjectName
# A namespace of somebody else: any DNS label.
Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
