"""MkDocs hook: add generated pages and fragments. See https://www.mkdocs.org/user-guide/configuration/#hooks."""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.docs.fragments import FRAGMENTS
from tools.docs.pages import PAGES, page


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add each generated page as a virtual file."""
    for path in PAGES:
        files.append(File.generated(config, path, content=page(path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Replace ``<!-- generated: NAME -->`` by its fragment. An unknown name fails the build."""
    del page, config, files
    return re.sub(r"<!-- generated: ([\w ]+) -->", lambda match: FRAGMENTS[match[1]](), markdown)
