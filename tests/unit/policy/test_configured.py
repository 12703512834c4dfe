"""A stack's configuration of the policy pack: what is wrong with one, all at once, and that ours are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy import configured
from policy.rules import RULES

FILES = sorted((Path(__file__).parent.parent.parent.parent / "policy" / "config").glob("*.json"))
STACKS = sorted(file.name.split(".")[1] for file in Path(__file__).parent.parent.parent.parent.glob("Pulumi.*.yaml"))


def test_each_stack_of_ours_has_one_that_is_right_and_excepts_nothing(capsys) -> None:
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
        '{"autoscaler-spare": {"mostPercent": 70}}',
        '{"image-version": {"tags": []}}',
    ],
)
def test_what_is_right(text: str) -> None:
    assert configured.problems(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON"),
        ("[]", "is a list"),
        ('{"image-digests": "mandatory"}', "image-digests: there is no such rule; right would be: image-digest"),
        ('{"qqq": "mandatory"}', "qqq: there is no such rule; docs/policy.md names them all"),
        (
            '{"image-digest": "strict"}',
            'image-digest: "strict" is no level of it; right would be: mandatory, advisory, disabled',
        ),
        ('{"image-digest": "remediate"}', '"remediate" is no level of it'),
        ('{"all": "remediate"}', "is no level"),
        ('{"image-digest": 3}', "image-digest: 3 is no level"),
        (
            '{"image-digest": {"level": "mandatory"}}',
            ".level: there is no such value; right would be: enforcementLevel, ",
        ),
        ('{"image-digest": {"exceptions": ["agent"]}}', 'image-digest.exceptions: ["agent"] is no object'),
        ('{"image-digest": {"exceptions": {"agent": "why"}}}', 'exceptions.agent: "why" is no reason'),
        ('{"autoscaler-spare": {"mostPercent": 0}}', "autoscaler-spare.mostPercent: 0 is no whole number of 1 or more"),
        ('{"autoscaler-spare": {"mostPercent": true}}', "is no whole number"),
        ('{"image-version": {"tags": "latest"}}', "is no list of texts"),
    ],
)
def test_what_is_wrong(text: str, told: str) -> None:
    [found] = configured.problems(text)
    assert told in found


def test_everything_is_told_at_once_with_its_file(tmp_path: Path, capsys) -> None:
    file = tmp_path / "stack.json"
    file.write_text('{"nobody": "mandatory", "image-digest": "strict", "image-version": {"tag": []}}')
    assert configured.main([str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path, capsys) -> None:
    assert configured.main([str(tmp_path / "none.json")]) == 1
    assert "none.json: " in capsys.readouterr().err


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_takes_its_parameters_defaults(rule) -> None:
    values = {key: parameter.default for key, parameter in rule.parameters.items()}
    assert configured.problems(json.dumps({rule.name: values})) == []
    assert set(configured.schema(rule)) == {"exceptions", *rule.parameters}
