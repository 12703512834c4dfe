"""The catalogues of errors, the messages and the reference page belong together."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest

from components.errors import ErrorKind
from components.errors.catalogue import kinds
from tools.docs.errors import ALL_CHAPTERS, errors_page

PROJECT = Path(__file__).parent.parent.parent.parent
CATALOGUES = {
    *(PROJECT / "components" / "errors").glob("*.py"),
    PROJECT / "ops/cli/errors.py",
    PROJECT / "ops/review/errors.py",
}
LOWERCASE = {"containerd", "etcd", "haproxy", "kubectl", "kwok", "kwokctl", "kubelet", "make", "pulumi", "runc"}
ALL = [kind for _, module in ALL_CHAPTERS for kind in kinds(module)]


def _names(module: ModuleType) -> dict[str, ErrorKind]:
    return {name: value for name, value in vars(module).items() if isinstance(value, ErrorKind)}


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Return the names that the product's source reads, outside of the catalogues and of imports."""
    names: set[str] = set()
    for folder in ("components", "ops"):
        for file in (PROJECT / folder).rglob("*.py"):
            if file not in CATALOGUES:
                nodes = list(ast.walk(ast.parse(file.read_text())))
                names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
                names |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return names


@pytest.mark.parametrize("chapter", ALL_CHAPTERS, ids=lambda chapter: str(chapter[0]))
def test_every_kind_is_used(chapter: tuple[str, ModuleType], used: set[str]) -> None:
    assert sorted(set(_names(chapter[1])) - used) == []


def test_ids_are_unique() -> None:
    ids = [kind.id for kind in ALL]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) > 50


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: str(kind.id))
def test_a_kind_explains_itself(kind: ErrorKind) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", kind.id)
    assert kind.title and not kind.title.endswith(".")
    for text in (kind.meaning, kind.remedy):
        assert re.fullmatch(r".{12,}[.)]", text), text
        assert text[0].isupper() or text[0] == "`" or text.split()[0] in LOWERCASE, text
        assert not re.search(r"\bright would be\b|\bat the (most|least)\b|  ", text)


def test_the_page_has_a_heading_for_each_id() -> None:
    headings = re.findall(r"^### (.*)$", errors_page(), re.M)
    assert headings == [kind.id for kind in ALL]
    chapters = re.findall(r"^## (.*)$", errors_page(), re.M)
    assert chapters == [title for title, _ in ALL_CHAPTERS]
