"""Reads kubeconfigs, each several times in a run: with libyaml, in a tenth of the time, where PyYAML was built with it."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str) -> Any:
    """What the text of a kubeconfig says. Raises yaml.YAMLError where it is no YAML."""
    return yaml.load(text, _LOADER)  # noqa: S506 (both are safe ones)
