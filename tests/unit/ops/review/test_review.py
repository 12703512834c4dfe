"""The review as a whole: what it reads, what it writes, what it refuses, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import PreviewError, read
from ops.review.promise import COMPONENT, rows
from tests.unit.ops.review.test_effects import BACKEND, BEFORE, DEPLOYMENT, changed, step, urn

PROJECT = Path(__file__).parent.parent.parent.parent.parent
SERVICE = "core/v1:Service"
PROMISE = {
    "zone": {
        "survived": True,
        "recoverySeconds": 145,
        "errorWindowSeconds": 31,
        "capacityLeftPercent": 66,
        "why": "x",
    },
    "pod": {"survived": True, "recoverySeconds": 65, "errorWindowSeconds": 33, "capacityLeftPercent": 66, "why": "x"},
}


def preview(*steps: dict[str, Any], **more: Any) -> str:
    return json.dumps({"steps": steps, **more})


def updated(path: str = f"{BACKEND}image", value: Any = "web:2") -> dict[str, Any]:
    return step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, path, value))


def component(**zone: Any) -> dict[str, Any]:
    new = {**PROMISE, "zone": {**PROMISE["zone"], **zone}}
    return {
        "op": "update",
        "urn": f"urn:pulumi:prod::shop::{COMPONENT}::web",
        "oldState": {"inputs": {"promise": PROMISE}},
        "newState": {"inputs": {"promise": new}},
    }


def written(text: str, longest: int = markdown.LONGEST) -> str:
    found = read(text, "here")
    return markdown.write(found, judge(found), rows(found), longest, closing="the last line")


def run(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.review", *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env={"PATH": ""},
    )


def test_the_first_line_says_the_worst() -> None:
    first = written(preview(updated())).splitlines()[1]
    assert first == "### 🔵 `prod`: **rolling restart**"
    first = written(preview(updated(), component(survived=False))).splitlines()[1]
    assert first == "### 🟠 `prod`: **guarantee weaker** (1 x guarantee weaker, 1 x rolling restart)"


def test_where_nothing_changes_that_is_all_it_says() -> None:
    text = written(preview(step(DEPLOYMENT, "same", BEFORE[DEPLOYMENT], BEFORE[DEPLOYMENT])))
    assert text == "<!-- ha-backend review: shop/prod -->\n### 🟢 `prod`: nothing changes\n"


def test_a_new_stack_is_two_lines() -> None:
    text = written(preview(*(step(kind, "create", None, BEFORE[kind]) for kind in (DEPLOYMENT, "core/v1:Service"))))
    assert (
        "### 🟢 `prod`: all new, 2 resources\n\nNo effect on pods:\n\n- new: `Deployment web`, `Service web`\n" in text
    )
    assert "|---|" not in text


def test_what_has_no_effect_is_named_apart_and_what_nobody_knows_is_not_called_harmless() -> None:
    text = written(
        preview(
            updated(),
            step("core/v1:ConfigMap", "update", {"data": {"A": "1"}}, {"data": {"A": "2"}}),
            step("example.com/v1:Widget", "update", {"spec": {"size": 1}}, {"spec": {"size": 2}}),
        )
    )
    assert "- changed in place: running pods keep what they started with: `ConfigMap web`\n" in text
    assert (
        "| ⚪ | `Widget web` | this kind is not known here: changed in place | `spec.size`: `1` → `2` | look at it |"
        in text
    )
    assert "- changed in place: `Widget web`" not in text


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ((), "Exit code 0: it stays below the threshold, *outage* (`--fail-on outage`)."),
        (("--fail-on", "restart"), "Exit code 11: it reaches the threshold, *rolling restart* (`--fail-on restart`)."),
        (("--fail-on", "never"), "Exit code 0: nothing is an error here (`--fail-on never`)."),
    ],
)
def test_the_last_line_says_the_exit_code_and_why(words: tuple[str, ...], last: str) -> None:
    assert run(preview(updated()), *words).stdout.rstrip().splitlines()[-1] == last


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


def test_events_are_read_as_well() -> None:
    event = {
        "resourcePreEvent": {
            "metadata": {
                "op": "update",
                "urn": urn(DEPLOYMENT),
                "old": {"inputs": BEFORE[DEPLOYMENT]},
                "new": {"inputs": changed(DEPLOYMENT, "spec.replicas", 2)},
                "diffs": ["spec"],
            }
        }
    }
    found = read("Previewing update (prod):\n" + "\n".join(json.dumps(one) for one in [{"sequence": 1}, event]), "here")
    assert worst(judge(found)) is Effect.LOWER
    assert (found.stack, found.project) == ("prod", "shop")


def test_what_a_refresh_finds_is_not_what_is_going_to_be_done() -> None:
    root = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    by_hand = step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, "spec.replicas", 0))
    back = step(DEPLOYMENT, "update", changed(DEPLOYMENT, "spec.replicas", 0), BEFORE[DEPLOYMENT])
    assert worst(judge(read(preview(root, by_hand, root, back), "here"))) is Effect.NONE
    assert judge(read(preview(root, by_hand, root), "here")) == []
    assert worst(judge(read(preview(by_hand, root), "here"))) is Effect.OUTAGE


@pytest.mark.parametrize(("wanted", "effect"), [("web", Effect.NONE), ("other", Effect.OUTAGE)])
def test_a_service_may_be_led_back_and_nowhere_else(wanted: str, effect: Effect) -> None:
    root = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    there, new = (changed(SERVICE, "spec.selector.app", app) for app in ("nobody", wanted))
    steps = [root, step(SERVICE, "update", BEFORE[SERVICE], there), root, step(SERVICE, "update", there, new)]
    assert worst(judge(read(preview(*steps), "here"))) is effect


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no preview at all",
        "[]",
        "{}",
        '{"steps": []}',
        '{"steps": 3}',
        '{"steps": [{}]}',
        '{"steps": [{"op": "update", "urn": "x"}]}',
        '{"steps": [',
        '{"steps": [{"op": 1, "urn": 2}]}',
    ],
)
def test_what_is_no_preview_is_refused_with_one_message(text: str) -> None:
    with pytest.raises(PreviewError, match=r"here.*Right would be what `pulumi preview --json` prints"):
        read(text, "here")


def test_secrets_are_never_shown() -> None:
    old = {"stringData": {"KEY": "old-in-plain"}, "type": "Opaque"}
    text = written(preview(step("core/v1:Secret", "update", old, {**old, "stringData": {"KEY": "new-in-plain"}})))
    assert "in-plain" not in text
    assert "*secret*" in text
    assert "in-plain" not in json.dumps(
        json.loads(
            run(
                preview(step("core/v1:Secret", "update", old, {**old, "stringData": {"KEY": "new-in-plain"}})),
                "--format",
                "json",
            ).stdout
        )
    )


def test_nothing_that_is_shown_can_form_the_comment() -> None:
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
def test_it_is_cut_where_a_comment_would_be_too_long(longest: int) -> None:
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


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--fail-on", "restart"), 11),
        (("--fail-on", "lower"), 0),
        (("--fail-on", "never"), 0),
        (("--fail-on", "x"), 2),
    ],
)
def test_the_exit_code_follows_the_threshold(words: tuple[str, ...], code: int) -> None:
    assert run(preview(updated()), *words).returncode == code


def test_a_reader_that_goes_before_the_end_is_no_error_and_changes_no_exit_code() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ops.review", "--fail-on", "restart"],
        input=preview(updated()),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=PROJECT,
        env={"PATH": ""},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (11, "")


def test_the_exit_code_of_each_effect() -> None:
    assert run(preview(updated("spec.replicas", 2)), "--fail-on", "restart").returncode == 12
    assert run(preview(component(survived=False)), "--fail-on", "restart").returncode == 13
    assert run(preview(step(DEPLOYMENT, "delete", BEFORE[DEPLOYMENT]))).returncode == 14


def test_an_incomplete_preview_is_never_fine() -> None:
    done = run(preview(updated(), diagnostics=[{"severity": "error", "message": "the cluster <b>does not</b> answer"}]))
    assert done.returncode == 1
    assert "not complete" in done.stdout
    assert "`the cluster <b>does not</b> answer`" in done.stdout


def test_what_only_follows_from_an_error_is_not_told_beside_it() -> None:
    following = {"severity": "error", "message": "error: an unhandled error: program exited with non-zero exit code: 1"}
    reason = {"severity": "error", "message": "error: ha-backend:cluster: no answer\n"}
    assert read(preview(updated(), diagnostics=[reason, following]), "here").errors == (
        "ha-backend:cluster: no answer",
    )
    assert len(read(preview(updated(), diagnostics=[following]), "here").errors) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = run("", str(tmp_path / "none.json"))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {tmp_path}/none.json cannot be read: No such file or directory. Right would be a file that "
        "`pulumi preview --json` wrote.\n"
    )


def test_several_stacks_in_one_run(tmp_path: Path) -> None:
    for name, text in (("dev", preview(updated())), ("prod", preview(component(survived=False)))):
        (tmp_path / f"{name}.json").write_text(text.replace("urn:pulumi:prod", f"urn:pulumi:{name}"))
    done = run("", str(tmp_path / "dev.json"), str(tmp_path / "prod.json"), "--fail-on", "weaker")
    assert done.returncode == 13
    assert "<!-- ha-backend review: shop/dev -->" in done.stdout
    assert "<!-- ha-backend review: shop/prod -->" in done.stdout
