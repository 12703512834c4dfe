"""Finds settings that differ from their defaults, for rules about settings without effect."""

from __future__ import annotations

from ..base import SettingsModel


def changed_keys(group: SettingsModel) -> list[str]:
    """Return the keys of a group whose values are not their defaults, in the order of the model."""
    return [
        str(info.alias)
        for field, info in type(group).model_fields.items()
        if getattr(group, field) != info.get_default(call_default_factory=True)
    ]
