"""Objects of the API server, read by the attribute names of the official client."""

from __future__ import annotations

from functools import cache
from typing import Any


class ApiObject(dict[str, Any]):
    """An object as the API server returns it, with attributes such as ``deployment.status.ready_replicas``.

    A missing field is None. The client's own models read alike, but take half a second to load. A field with
    consecutive capitals, such as ``podIP``, can only be read as an item.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _wrap(self.get(_camel_case(name)))


def _wrap(value: Any) -> Any:
    if isinstance(value, dict):
        return ApiObject(value)
    return [_wrap(each) for each in value] if isinstance(value, list) else value


@cache
def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
