"""Invalid values of every setting of the autoscaler."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.problems import Row, rejected, row_id

METRIC = {"name": "http_requests_per_second", "averageValue": "100"}
AUTOSCALING: list[Row] = [
    ({"enabled": "yes"}, "enabled", "true or false"),
    ({"maxReplicas": 1001}, "maxReplicas", "from 1 to 1000"),
    ({"maxReplicas": "10"}, "maxReplicas", "an integer from 1 to 1000"),
    ({"cpuPercent": 9}, "cpuPercent", "from 10 to 100"),
    ({"cpuPercent": 101}, "cpuPercent", "from 10 to 100"),
    ({"cpuPercent": "60%"}, "cpuPercent", "an integer from 10 to 100"),
    ({"memoryPercent": 9}, "memoryPercent", "from 10 to 100"),
    ({"memoryPercent": 101}, "memoryPercent", "from 10 to 100"),
    ({"scaleUpStabilizationSeconds": 3601}, "scaleUpStabilizationSeconds", "from 0 to 3600"),
    ({"scaleDownStabilizationSeconds": -1}, "scaleDownStabilizationSeconds", "from 0 to 3600"),
    ({"tolerancePercent": 51}, "tolerancePercent", "from 0 to 50"),
    ({"tolerancePercent": 0.1}, "tolerancePercent", "an integer from 0 to 50"),
    ({"podMetrics": METRIC}, "podMetrics", "a list of at most 10 entries"),
    ({"podMetrics": [METRIC] * 11}, "podMetrics", "a list of at most 10 entries"),
    ({"podMetrics": ["rps"]}, "podMetrics[0]", "an object"),
    ({"podMetrics": [{"averageValue": 1}]}, "podMetrics[0].name", "is required. Name of the metric"),
    ({"podMetrics": [{"name": "rps"}]}, "podMetrics[0].averageValue", "is required. Target for"),
    ({"podMetrics": [{"name": "a b", "averageValue": 1}]}, "podMetrics[0].name", "such as http_requests_per_second"),
    (
        {"podMetrics": [METRIC, {**METRIC, "averageValue": "many"}]},
        "podMetrics[1].averageValue",
        "for example, 100 or 500m",
    ),
    ({"podMetrics": [{**METRIC, "averageValue": 0}]}, "podMetrics[0].averageValue", "at least 1m"),
    ({"podMetrics": [{**METRIC, "labels": {}}]}, "podMetrics[0].labels", "valid keys: name, averageValue"),
    ({"externalMetrics": [METRIC] * 11}, "externalMetrics", "a list of at most 10 entries"),
    ({"externalMetrics": [{"name": "q"}]}, "externalMetrics[0].averageValue", "is required. Target for"),
    (
        {"externalMetrics": [{**METRIC, "labels": {"queue": 5}}]},
        "externalMetrics[0].labels.queue",
        "5 is invalid: must be a string in quotes, a label value",
    ),
    ({"externalMetrics": [{**METRIC, "labels": {"a b": "x"}}]}, "externalMetrics[0].labels.a b", "label"),
    ({"externalMetrics": [{**METRIC, "label": {}}]}, "externalMetrics[0].label", "did you mean 'labels'?"),
]


@pytest.mark.parametrize(("given", "key", "text"), AUTOSCALING, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(given: dict[str, Any], key: str, text: str) -> None:
    problems = rejected({"image": IMAGE, "autoscaling": given})
    assert list(problems) == [f"backend.autoscaling.{key}"]
    assert text in problems[f"backend.autoscaling.{key}"]


def test_a_value_that_is_not_a_group() -> None:
    assert "an object" in rejected({"image": IMAGE, "autoscaling": []})["backend.autoscaling"]
