"""A stack's configuration of the policy pack: every problem is reported together, and ours have none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy import configured
from policy.rule import Rule
from policy.rules import RULES

FILES = sorted((Path(__file__).parent.parent.parent.parent / "policy" / "config").glob("*.json"))
STACKS = sorted(file.name.split(".")[1] for file in Path(__file__).parent.parent.parent.parent.glob("Pulumi.*.yaml"))


def test_each_of_our_stacks_has_a_valid_configuration_without_exceptions(capsys: pytest.CaptureFixture[str]) -> None:
    assert [file.stem for file in FILES] == STACKS
    assert configured.main([str(file) for file in FILES]) == 0
    assert capsys.readouterr().err == ""
    assert not any("exceptions" in file.read_text() for file in FILES)


def test_images_of_prod_must_have_a_digest() -> None:
    prod = json.loads(next(file for file in FILES if file.stem == "prod").read_text())
    assert prod["image-digest"] == "mandatory"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"all": "advisory"}',
        '{"image-digest": "disabled"}',
        '{"budget-unhealthy-pods": "remediate"}',
        '{"image-digest": {"enforcementLevel": "mandatory", "exceptions": {"agent": "its own registry"}}}',
        '{"autoscaler-spare": {"maxPercent": 70}}',
        '{"image-version": {"tags": []}}',
    ],
)
def test_a_valid_configuration(text: str) -> None:
    assert configured.problems(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[]", "is a list"),
        ('{"image-digests": "mandatory"}', "image-digests: there is no such rule: did you mean one of: image-digest"),
        ('{"qqq": "mandatory"}', "qqq: there is no such rule: see the reference of policy rules"),
        (
            '{"image-digest": "strict"}',
            'image-digest: "strict" is not a level of this rule: valid values: mandatory, advisory, disabled',
        ),
        ('{"image-digest": "remediate"}', '"remediate" is not a level of this rule'),
        ('{"all": "remediate"}', "is not a level"),
        ('{"image-digest": 3}', "image-digest: 3 is not a level"),
        (
            '{"image-digest": {"level": "mandatory"}}',
            ".level: there is no such value: valid keys: enforcementLevel, ",
        ),
        ('{"image-digest": {"exceptions": ["agent"]}}', 'image-digest.exceptions: ["agent"] is not an object'),
        ('{"image-digest": {"exceptions": {"agent": "why"}}}', 'exceptions.agent: "why" is not a reason'),
        (
            '{"autoscaler-spare": {"maxPercent": 0}}',
            "autoscaler-spare.maxPercent: 0 is invalid: use an integer of at least 1",
        ),
        ('{"autoscaler-spare": {"maxPercent": true}}', "true is invalid"),
        ('{"image-version": {"tags": "latest"}}', "is not a list of strings"),
    ],
)
def test_an_invalid_configuration(text: str, message: str) -> None:
    [problem] = configured.problems(text)
    assert message in problem


def test_all_problems_are_reported_together_with_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stack.json"
    file.write_text('{"nobody": "mandatory", "image-digest": "strict", "image-version": {"tag": []}}')
    assert configured.main([str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines)


def test_a_missing_file_is_one_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert configured.main([str(tmp_path / "none.json")]) == 1
    assert "none.json: " in capsys.readouterr().err


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_takes_its_parameters_defaults(rule: Rule) -> None:
    values = {key: parameter.default for key, parameter in rule.parameters.items()}
    assert configured.problems(json.dumps({rule.name: values})) == []
    assert set(configured.schema(rule)) == {"exceptions", *rule.parameters}
