"""An upgrade replaces nothing and takes nothing away: names, types, selectors and defaults are what they were."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tools.contract import COMMAND, RECORD, breaches, contract

RECORDED = json.loads(RECORD.read_text())


def test_nothing_of_the_contract_is_broken() -> None:
    found = breaches(RECORDED, json.loads(json.dumps(contract())))
    assert not found, "\n".join(
        [
            "This breaks somebody's next upgrade:",
            *found,
            "Take it back, or give the resource an alias (docs/stability.md).",
            f"Where it is meant, and a new major version says so: {COMMAND}",
        ]
    )


def renamed(now: dict[str, Any]) -> None:
    children = now["children"]["backend: the image alone"]
    key = next(key for key in children if key.startswith("kubernetes:core/v1:Service "))
    children[key.replace("web-service", "web-svc")] = children.pop(key)


def reparented(now: dict[str, Any]) -> None:
    children = now["children"]["cluster: existing"]
    key = next(key for key in children if key.startswith("pulumi:providers"))
    children[key.replace(" in cluster", " in the program")] = children.pop(key)


def reselected(now: dict[str, Any]) -> None:
    children = now["children"]["backend: the image alone"]
    next(value for key, value in children.items() if "Deployment" in key)["selector"]["matchLabels"]["tier"] = "web"


def other_default(now: dict[str, Any]) -> None:
    now["defaults"]["backend.autoscaling.cpuPercent"] = 70


def without_a_setting(now: dict[str, Any]) -> None:
    del now["package"]["ha-backend:index:HighlyAvailableBackend inputProperties port"]


def more_required(now: dict[str, Any]) -> None:
    now["package"]["ha-backend:index:HighlyAvailableBackend requires"].append("port")


def other_type(now: dict[str, Any]) -> None:
    now["package"]["ha-backend:index:Amounts cpu"] = {"type": "number", "plain": True}


@pytest.mark.parametrize(
    ("breaking", "words"),
    [
        (renamed, ["web-service in web is gone: an upgrade deletes it", "web-svc in web is new"]),
        (reparented, ["cluster-provider in cluster is gone", "cluster-provider in the program is new"]),
        (reselected, ["web-deployment in web was", "an upgrade replaces it"]),
        (other_default, ["backend.autoscaling.cpuPercent was 60 and is 70: an upgrade changes what runs"]),
        (without_a_setting, ["HighlyAvailableBackend inputProperties port is gone"]),
        (more_required, ['HighlyAvailableBackend requires was ["image"] and is ["image", "port"]']),
        (other_type, ["Amounts cpu was", "do not compile"]),
    ],
)
def test_a_breach_is_told(breaking: Callable[[dict[str, Any]], None], words: list[str]) -> None:
    now = copy.deepcopy(RECORDED)
    breaking(now)
    told = "\n".join(breaches(RECORDED, now))
    for word in words:
        assert word in told


def test_what_is_new_and_asked_for_breaks_nothing() -> None:
    now = copy.deepcopy(RECORDED)
    now["defaults"]["backend.ingress.enabled"] = False
    now["package"]["ha-backend:index:HighlyAvailableBackend inputProperties ingress"] = {"type": "object"}
    now["children"]["backend: with an ingress"] = {"kubernetes:networking.k8s.io/v1:Ingress web-ingress in web": {}}
    assert not breaches(RECORDED, now)
