"""The site builds strictly: no dead link, no dead anchor, no orphan page. Reference pages agree with their sources."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.docs.fragments import FRAGMENTS
from tools.docs.pages import PAGES, linked, page

PROJECT = Path(__file__).parent.parent.parent.parent
DOCS = PROJECT / "docs"
MAKEFILE = (PROJECT / "Makefile").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site strictly, as `make lint` does, and return its folder."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    for path in [*PAGES, *(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md") if "drills" not in file.parts)]:
        folder = path.removesuffix(".md").removesuffix("index")
        assert (site / folder / "index.html").is_file(), path


def test_the_site_loads_nothing_from_other_hosts(site: Path) -> None:
    for file in site.rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|img|iframe|source)[^>]* src="(?:https?:)?//[^"]*|<link[^>]* href="(?:https?:)?//[^"]*',
            file.read_text(),
        )
        assert not [tag for tag in loaded if 'rel="canonical"' not in tag], file


def test_the_search_knows_an_error_and_a_setting(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text()
    assert "replicas-too-few" in index
    assert "progressDeadlineSeconds" in index


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_a_page(path: str) -> None:
    text = page(path)
    assert text.startswith("# ")
    assert len(text) > 500
    assert not (DOCS / path).exists(), "generated pages are not in git"


def test_every_fragment_is_used() -> None:
    used = {
        name for file in DOCS.rglob("*.md") for name in re.findall(r"<!-- generated: ([\w ]+) -->", file.read_text())
    }
    assert used == set(FRAGMENTS)


def test_a_mention_of_a_page_becomes_a_link() -> None:
    text = linked("Pods stay (docs/how-to/edge.md). See docs/reference/errors.md.", "reference/settings.md")
    assert text == "Pods stay ([Run at the edge](../how-to/edge.md)). See [Errors](errors.md)."
    assert linked("[a](docs/x.md) `docs/y.md`", "a/b.md") == "[a](docs/x.md) `docs/y.md`"


def test_the_commands_page_has_every_target() -> None:
    documented = set(re.findall(r"^\| `make (?:-s )?([a-z-]+)", (DOCS / "reference" / "commands.md").read_text(), re.M))
    targets = {target for line in re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.M) for target in line.split()}
    assert documented == targets


def test_the_navigation_has_every_page_once() -> None:
    listed = re.findall(r"[\w/-]+\.md", yaml.safe_dump(yaml.safe_load((PROJECT / "mkdocs.yml").read_text())["nav"]))
    assert sorted(listed) == sorted(set(listed))
    assert set(PAGES) <= set(listed)
