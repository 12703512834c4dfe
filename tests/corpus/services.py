"""The services of the corpus: each Deployment that a Service sends to, converted."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import pytest

from ops.convert.conversion import Conversion, convert
from ops.convert.documents import read
from tests.corpus.sources import Source, UnavailableError, manifests


@functools.cache
def services(source: Source, clones: Path) -> tuple[Conversion, ...]:
    """Return the conversion of each service of a repository. Raises UnavailableError. Each repository has some."""
    found: list[Conversion] = []
    for name, text in manifests(source, clones):
        conversions = convert(read(io.BytesIO(text.encode()), name), name)
        found += [one for one in conversions if one.workload.services]
    assert found, f"{source.repository}: no Deployment with a Service is found"
    return tuple(found)


def services_or_skip(source: Source, clones: Path) -> tuple[Conversion, ...]:
    """Return the services of a repository, or skip the test and name what is missing."""
    try:
        return services(source, clones)
    except UnavailableError as error:
        pytest.skip(f"{source.repository} cannot be obtained, so nothing is proved of it: {error}")
