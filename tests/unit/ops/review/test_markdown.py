"""The Markdown of a review: the worst effect first, both values of a field, nothing that acts as markup."""

from __future__ import annotations

from typing import Any

import pytest

from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import read
from ops.review.promise import rows
from tests.support.review_previews import (
    BACKEND,
    BEFORE,
    DEPLOYMENT,
    changed,
    component,
    preview,
    step,
    updated,
    urn,
    written,
)


def test_the_first_line_names_the_worst_effect() -> None:
    first = written(preview(updated())).splitlines()[1]
    assert first == "### 🔵 `prod`: **rolling restart**"
    first = written(preview(updated(), component(survived=False))).splitlines()[1]
    assert first == "### 🟠 `prod`: **guarantee weaker** (1 x guarantee weaker, 1 x rolling restart)"


def test_a_preview_without_changes_is_one_line() -> None:
    text = written(preview(step(DEPLOYMENT, "same", BEFORE[DEPLOYMENT], BEFORE[DEPLOYMENT])))
    assert text == "<!-- ha-backend review: shop/prod -->\n### 🟢 `prod`: nothing changes\n"


def test_a_new_stack_is_two_lines() -> None:
    text = written(preview(*(step(kind, "create", None, BEFORE[kind]) for kind in (DEPLOYMENT, "core/v1:Service"))))
    assert (
        "### 🟢 `prod`: all new, 2 resources\n\nNo effect on pods:\n\n- new: `Deployment web`, `Service web`\n" in text
    )
    assert "|---|" not in text


def test_harmless_changes_are_listed_apart_and_unknown_types_are_not_called_harmless() -> None:
    text = written(
        preview(
            updated(),
            step("core/v1:ConfigMap", "update", {"data": {"A": "1"}}, {"data": {"A": "2"}}),
            step("example.com/v1:Widget", "update", {"spec": {"size": 1}}, {"spec": {"size": 2}}),
        )
    )
    assert "- changed in place: running pods keep what they started with: `ConfigMap web`\n" in text
    assert (
        "| ⚪ | `Widget web` | no rules for this type: changed in place | `spec.size`: `1` → `2` | look at it |" in text
    )
    assert "- changed in place: `Widget web`" not in text


def test_a_change_in_a_container_is_shown_with_both_values() -> None:
    text = written(preview(updated()))
    assert "| `Deployment web` | `spec.template.spec.containers[backend].image` | `web:1` | `web:2` |" in text
    assert "| `spec.template.spec.containers[backend].image`: `web:1` → `web:2` |" in text


@pytest.mark.parametrize(
    ("zone", "worse", "before", "after"),
    [
        ({"survived": False}, True, "recovers in 145 s, requests fail for 31 s, 66 % left", "not survived"),
        ({"recoverySeconds": 200}, True, "recovers in 145 s", "recovers in 200 s"),
        ({"errorWindowSeconds": 60}, True, "requests fail for 31 s", "requests fail for 60 s"),
        ({"capacityLeftPercent": 50}, True, "66 % left", "50 % left"),
        (
            {"recoverySeconds": 100, "errorWindowSeconds": 1},
            False,
            "recovers in 145 s, requests fail for 31 s",
            "recovers in 100 s, requests fail for 1 s",
        ),
        ({"capacityLeftPercent": 75}, False, "66 % left", "75 % left"),
    ],
)
def test_the_promise_before_and_after(zone: dict[str, Any], worse: bool, before: str, after: str) -> None:
    found = read(preview(component(**zone)), "here")
    [row] = rows(found)["web"]
    assert row.worse is worse
    assert (row.before, row.after) == (before, after)
    assert (worst(judge(found)) is Effect.WEAKER) is worse
    assert f"| {'🟠' if worse else '🟢'} | zone | {before} | {after} |" in written(preview(component(**zone)))


def test_a_figure_that_only_an_older_program_has_changes_nothing() -> None:
    """The state of an older program calls it `requestsFailSeconds`."""
    step = component()
    for key in ("oldState", "newState"):
        assert step[key]["inputs"]["promise"]["zone"]["errorWindowSeconds"] == 31
    zone = step["oldState"]["inputs"]["promise"]["zone"]
    zone["requestsFailSeconds"] = zone.pop("errorWindowSeconds")
    assert rows(read(preview(step), "here")) == {}


def test_no_value_acts_as_markup() -> None:
    evil = "web:2`` | <img src=x> @everyone\n\n# Title </details> ```"
    text = written(preview(updated(value=evil)))
    first, line = [line for line in text.splitlines() if "@everyone" in line]
    assert "`spec.template.spec.containers[backend].image`: `web:1` → ```` web:2`` \\| <img src=x>" in first
    assert line.startswith(
        "| `Deployment web` | `spec.template.spec.containers[backend].image` | `web:1` | ```` web:2`` \\| <img src=x>"
    )
    assert first.endswith("```` |  |") and line.endswith("```` |")
    assert text.count("</details>") - (first + line).count("</details>") == text.count("<details>")


@pytest.mark.parametrize("longest", [1_000, 3_000, 20_000, markdown.LONGEST])
def test_a_comment_that_is_too_long_is_cut(longest: int) -> None:
    many = [
        step(
            "apps/v1:Deployment",
            "update",
            BEFORE[DEPLOYMENT],
            changed(DEPLOYMENT, f"{BACKEND}image", f"web:{'9' * 70}"),
        )
        | {"urn": urn(DEPLOYMENT, f"web-{number}")}
        for number in range(300)
    ]
    text = written(preview(*many), longest)
    assert len(text) <= longest
    assert "Cut here" in text
    assert text.count("<details>") == text.count("</details>")
    assert "**rolling restart** (300 x rolling restart)" in text
