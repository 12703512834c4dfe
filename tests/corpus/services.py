"""The services of the corpus: each Deployment that a Service sends to, converted."""

from __future__ import annotations

import functools
import io
from pathlib import Path

from ops.convert.conversion import Conversion, convert
from ops.convert.documents import read
from tests.corpus.sources import Source, manifests


@functools.cache
def services(source: Source, clones: Path) -> tuple[Conversion, ...]:
    """Return the conversion of each service of a repository; none if the repository cannot be had."""
    found: list[Conversion] = []
    for name, text in manifests(source, clones):
        conversions = convert(read(io.BytesIO(text.encode()), name), name)
        found += [one for one in conversions if one.workload.services]
    return tuple(found)
