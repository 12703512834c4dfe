"""Rules about environment variables: what a ConfigMap and a process can hold, and one source for each variable."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ...errors import settings as errors
from ..backend import BackendSettings
from ..conflict import Conflict

# MAX_ARG_STRLEN of Linux, and the API server's limit for one ConfigMap.
_VARIABLE_BYTES, _CONFIG_MAP_BYTES = 131_072, 1_048_576


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield values that are too large or not text, and variables that are set twice."""
    yield from _values(backend.environment)
    names = backend.generated_secrets.names
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Conflict(
            "generatedSecrets.names",
            name,
            "occurs more than once: list each variable once",
            kind=errors.DUPLICATE_ENTRY,
        )
    for name in sorted(set(names) & set(backend.environment)):
        yield Conflict(
            "generatedSecrets.names",
            name,
            "is also in environment: set each variable in one place",
            ("environment",),
            kind=contradictions.VARIABLE_SET_TWICE,
        )


def _values(environment: dict[str, str]) -> Iterator[Conflict]:
    for name, value in environment.items():
        size = len(f"{name}={value}".encode(errors="surrogatepass")) + 1
        if size > _VARIABLE_BYTES:
            yield Conflict(
                f"environment.{name}",
                value,
                f"is {size} bytes long with its name, and Linux starts no program with a variable above "
                f"{_VARIABLE_BYTES}: shorten it, or mount it as a file",
                kind=contradictions.ENVIRONMENT_TOO_LARGE,
            )
        elif "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            yield Conflict(
                f"environment.{name}",
                value,
                "contains a NUL character or an unpaired surrogate: remove it",
                kind=contradictions.ENVIRONMENT_NOT_TEXT,
            )
    total = sum(len(name) + len(value.encode(errors="surrogatepass")) for name, value in environment.items())
    if total > _CONFIG_MAP_BYTES:
        yield Conflict(
            "environment",
            total,
            f"bytes exceed the limit of a ConfigMap, {_CONFIG_MAP_BYTES}: shorten the values, or mount them as files",
            kind=contradictions.ENVIRONMENT_TOO_LARGE,
        )
