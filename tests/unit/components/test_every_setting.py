"""Every setting changes some object, except those that only affect the promise."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from lab.changes.change import patched
from lab.changes.every_setting import CHANGES, every_setting
from lab.changes.not_changed import NOT_CHANGED, ONLY_PROMISED
from tests.support.fake_engine import Monitor

BASE: dict[str, Any] = {
    "image": "example.org/shop/web:1",
    "generatedSecrets": {"names": ["SESSION_KEY"]},
    "loadBalancer": {"healthCheckSeconds": 4},
}


def objects(monitor: Monitor, settings: dict[str, Any]) -> dict[str, Any]:
    monitor.requests.clear()
    monitor.make(**settings)
    return {
        f"{one.type}::{one.name}": json_format.MessageToDict(one.object)
        for one in monitor.requests
        if one.type.startswith(("kubernetes:", "random:"))
    }


def test_the_table_has_every_setting() -> None:
    assert set(CHANGES) | NOT_CHANGED == every_setting()
    assert not set(CHANGES) & NOT_CHANGED


@pytest.mark.parametrize("setting", CHANGES)
def test_a_setting_changes_an_object(monitor: Monitor, setting: str) -> None:
    before, after = objects(monitor, BASE), objects(monitor, patched(BASE, CHANGES[setting]))
    changed = {name.partition("::")[0] for name in {**before, **after} if before.get(name) != after.get(name)}
    assert bool(changed) is (setting not in ONLY_PROMISED), changed
    if setting == "loadBalancer.externalTrafficPolicy":
        assert changed == {"kubernetes:core/v1:Service"}
