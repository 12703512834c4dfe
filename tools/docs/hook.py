"""MkDocs hook: add the generated pages to the site. See https://www.mkdocs.org/user-guide/configuration/#hooks."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from tools.docs.pages import PAGES, page


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add each generated page as a virtual file."""
    for path in PAGES:
        files.append(File.generated(config, path, content=page(path)))
    return files
