"""Parse kubeconfigs, each several times in a run: with libyaml in a tenth of the time, if PyYAML was built with it."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str) -> Any:
    """Return the content of a kubeconfig. Raises yaml.YAMLError if it is not YAML."""
    return yaml.load(text, _LOADER)  # noqa: S506 (both are safe loaders)
