"""Operations on kubeconfig files."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import yaml

_FILES = ("certificate-authority", "client-certificate", "client-key")
_SERVER_NAME = "kubernetes.default.svc"  # a name in the certificate of every API server


def embed_files(text: str, address: str | None = None) -> str:
    """Return a kubeconfig with the files that it references embedded, so that it works from any directory.

    ``address`` replaces the API server's address if the kubeconfig is used from elsewhere. The server is then verified
    by the name in its certificate, because the address may change with every start.
    """
    config: dict[str, Any] = yaml.safe_load(text)
    for section, inner in (("clusters", "cluster"), ("users", "user")):
        for entry in config.get(section) or []:
            fields = entry[inner]
            for key in _FILES:
                if path := fields.pop(key, None):
                    fields[f"{key}-data"] = base64.b64encode(Path(path).read_bytes()).decode()
            if address and section == "clusters":
                fields["server"] = f"https://{address}:{fields['server'].rpartition(':')[2]}"
                fields["tls-server-name"] = _SERVER_NAME
    return yaml.safe_dump(config, sort_keys=True)


def write_private(path: Path, text: str) -> None:
    """Write a file atomically that only its owner can read."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
