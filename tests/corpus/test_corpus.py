"""Convert public services: most can be expressed, each that cannot has a reason, and every difference is stated.

The manifests come from public repositories (`sources.py`), from the folder in HA_BACKEND_CORPUS or by git. A repository
that cannot be obtained is skipped by its name and with the reason.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.convert.conversion import Conversion
from ops.convert.notes import Verdict
from tests.corpus.equality import unexplained
from tests.corpus.services import services, services_or_skip
from tests.corpus.sources import SOURCES, Source, UnavailableError

CONVERTIBLE = 80 / 88
"""The share that the project promises."""
LEAST_SERVICES, LEAST_REPOSITORIES = 40, 12


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_difference_is_stated(source: Source, clones: Path) -> None:
    for conversion in services_or_skip(source, clones):
        if conversion.text:
            assert unexplained(conversion) == [], conversion.workload.title
        else:
            reasons = [note.text for note in conversion.notes.notes if note.verdict is Verdict.IMPOSSIBLE]
            assert reasons, conversion.workload.title
            assert all(re.search(r"\[[a-z-]+\]$", reason) for reason in reasons), reasons


def test_most_services_can_be_expressed(clones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, missing = list[tuple[str, Conversion]](), list[str]()
    for source in SOURCES:
        try:
            found += [(source.repository, one) for one in services(source, clones)]
        except UnavailableError as error:
            missing.append(f"{source.repository} ({error})")
    repositories = {repository for repository, _ in found}
    if not repositories:
        pytest.skip(f"no repository can be obtained, so no share is proved: {missing[0]}")
    counts = collections.Counter(one.verdict for _, one in found)
    with capsys.disabled():
        print("\n".join(["", *_table(found, counts)]))
    assert len(found) >= LEAST_SERVICES and len(repositories) >= LEAST_REPOSITORIES
    assert counts["not possible"] <= len(found) * (1 - CONVERTIBLE)


def _table(found: list[tuple[str, Conversion]], counts: collections.Counter[str]) -> Iterator[str]:
    repositories = len({repository for repository, _ in found})
    shares = ", ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()))
    yield f"{len(found)} services of {repositories} repositories: {shares}"
    for repository, one in found:
        for note in one.notes.notes:
            if note.verdict is Verdict.IMPOSSIBLE:
                yield f"  {repository} {one.workload.title}: {note.object} {note.field} {note.text}"
