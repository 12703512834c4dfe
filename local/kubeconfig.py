"""Small operations on kubeconfig files."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import yaml

_FILES = ("certificate-authority", "client-certificate", "client-key")


def embed_files(text: str, server: str | None = None) -> str:
    """The same kubeconfig with the files it points at held inside, so that it can be used from anywhere.

    ``server`` is the API server's address where that is another one from where the kubeconfig will be used.
    """
    config: dict[str, Any] = yaml.safe_load(text)
    for section, inner in (("clusters", "cluster"), ("users", "user")):
        for entry in config.get(section) or []:
            fields = entry[inner]
            for key in _FILES:
                if path := fields.pop(key, None):
                    fields[f"{key}-data"] = base64.b64encode(Path(path).read_bytes()).decode()
            if server and section == "clusters":
                fields["server"] = server
    return yaml.safe_dump(config, sort_keys=True)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
