"""What the graders' output means, and what an exemption may be. The samples have the format of the real programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tools import graders
from tools.graders import checkov, exemptions, kube_score
from tools.graders.finding import Finding, GraderError, Report

Capture = pytest.CaptureFixture[str]
Answers = dict[str, dict[str, tuple[Finding, ...] | GraderError]]
REASON = "Long enough to be a reason that one could follow."


def scored(check: str, grade: int, *remarks: tuple[str, str], skipped: bool = False) -> dict[str, object]:
    return {
        "check": {
            "name": check,
            "id": check,
            "target_type": "Pod",
            "comment": f"Makes sure of {check}",
            "optional": False,
        },
        "grade": grade,
        "skipped": skipped,
        "comments": [{"path": path, "summary": summary, "description": ""} for path, summary in remarks] or None,
    }


def score(*checks: dict[str, object], namespace: str | None = "shop") -> str:
    meta = {"name": "web", "creationTimestamp": None} | ({"namespace": namespace} if namespace else {})
    return json.dumps(
        [
            {
                "object_name": "Deployment/apps/v1/shop/web",
                "type_meta": {"kind": "Deployment", "apiVersion": "apps/v1"},
                "object_meta": meta,
                "checks": list(checks),
                "file_name": "STDIN",
                "file_row": 1,
            }
        ]
    )


def checked(*failed: tuple[str, str, str], skipped: int = 0, unread: int = 0) -> str:
    return json.dumps(
        {
            "check_type": "kubernetes",
            "results": {
                "failed_checks": [
                    {
                        "check_id": check,
                        "bc_check_id": None,
                        "check_name": name,
                        "check_result": {"result": "FAILED"},
                        "file_path": "/rendering.yaml",
                        "file_line_range": [1, 9],
                        "resource": resource,
                        "severity": None,
                    }
                    for check, resource, name in failed
                ]
            },
            "summary": {
                "passed": 89,
                "failed": len(failed),
                "skipped": skipped,
                "parsing_errors": unread,
                "resource_count": 8,
                "checkov_version": "3.3.30",
            },
        }
    )


def written(folder: Path, text: str) -> Path:
    file = folder / "exemptions.yaml"
    file.write_text(dedent(text))
    return file


def test_kube_score_counts_a_check_once_and_keeps_its_remarks() -> None:
    report = kube_score.parse(
        score(
            scored("storage", 1, ("backend", "limit is not set"), ("backend", "request is not set")),
            scored("affinity", 5, ("", "none")),
            scored("almost", 7),
            scored("fine", 10),
            scored("optional", 1, ("", "Skipped because it is ignored"), skipped=True),
        )
    )
    assert report == Report(
        2,
        (
            Finding(
                "storage",
                "Deployment",
                "Deployment shop/web",
                "(backend) limit is not set; (backend) request is not set",
            ),
            Finding("affinity", "Deployment", "Deployment shop/web", "none", fails=False),
        ),
    )


def test_kube_score_without_remark_or_namespace() -> None:
    (found,) = kube_score.parse(score(scored("bare", 1), namespace=None)).findings
    assert (found.subject, found.message) == ("Deployment web", "Makes sure of bare")


@pytest.mark.parametrize("answer", ["null", "[]"])
def test_kube_score_that_saw_nothing_is_not_clean(answer: str) -> None:
    with pytest.raises(GraderError, match="saw no object"):
        kube_score.parse(answer)


def test_checkov_names_the_kind_of_the_object() -> None:
    answer = checked(
        ("CKV_K8S_35", "Deployment.shop.web", "Prefer files"), ("CKV2_K8S_6", "Pod.shop.web.app-x", "Policy")
    )
    assert checkov.parse(answer) == Report(
        89,
        (
            Finding("CKV_K8S_35", "Deployment", "Deployment.shop.web", "Prefer files"),
            Finding("CKV2_K8S_6", "Pod", "Pod.shop.web.app-x", "Policy"),
        ),
    )


def test_checkov_that_saw_nothing_is_not_clean() -> None:
    short = {
        "passed": 0,
        "failed": 0,
        "skipped": 0,
        "parsing_errors": 0,
        "resource_count": 0,
        "checkov_version": "3.3.30",
    }
    with pytest.raises(GraderError, match="saw no object"):
        checkov.parse(json.dumps(short))


@pytest.mark.parametrize("answer", [checked(skipped=1), checked(unread=1)])
def test_checkov_that_left_something_out_is_not_clean(answer: str) -> None:
    with pytest.raises(GraderError, match="both must be 0"):
        checkov.parse(answer)


@pytest.mark.parametrize("parse", [kube_score.parse, checkov.parse])
@pytest.mark.parametrize("answer", ["", "Failed to score files", "[1]", '{"summary": {}}', '"text"', "7"])
def test_an_answer_of_another_form_is_one_clear_error(parse: Callable[[str], Report], answer: str) -> None:
    with pytest.raises(GraderError, match=r"cannot be read|saw no object"):
        parse(answer)


def test_checkov_is_told_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BC_API_KEY", "CKV_SKIP_CHECK", "CKV_FRAMEWORK", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "mine")
    given = checkov.environment(tmp_path)
    assert set(given) == {"PATH", "HOME", "TMPDIR", "CKV_SKIP_PACKAGE_UPDATE_CHECK"}
    assert given["HOME"] == given["TMPDIR"] == str(tmp_path)


def test_checkov_missing_says_what_makes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkov, "PYTHON", tmp_path / "python")
    with pytest.raises(GraderError, match="run `make lint`"):
        checkov.grade("")


def test_an_exemption_covers_one_matter_in_both_graders(tmp_path: Path) -> None:
    assert exemptions.read(
        written(
            tmp_path,
            f"""\
        - kind: Deployment
          checks: {{kube-score: container-image-pull-policy, checkov: CKV_K8S_15}}
          reason: {REASON}
        """,
        )
    ) == {("kube-score", "container-image-pull-policy", "Deployment"), ("checkov", "CKV_K8S_15", "Deployment")}


def test_no_exemptions_are_none(tmp_path: Path) -> None:
    assert exemptions.read(written(tmp_path, "# none\n")) == frozenset()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (f"{{kind: Pod, checks: {{checkov: A}}, reason: {REASON}, stacks: [dev]}}", r"entry 1\.stacks: Extra inputs"),
        (
            f"{{kind: Pod, checks: {{kubescape: A}}, reason: {REASON}}}",
            r"entry 1\.checks\.kubescape.*'kube-score' or 'checkov'",
        ),
        (f"{{kind: Pod, checks: {{}}, reason: {REASON}}}", r"entry 1\.checks: .*at least 1"),
        (f"{{kind: Pod, checks: {{checkov: [A, B]}}, reason: {REASON}}}", r"entry 1\.checks\.checkov: .*string"),
        ("{kind: Pod, checks: {checkov: A}, reason: noise}", r"entry 1\.reason: .*at least 20"),
        ("{kind: Pod, checks: {checkov: A}}", r"entry 1\.reason: Field required"),
        (f"{{checks: {{checkov: A}}, reason: {REASON}}}", r"entry 1\.kind: Field required"),
        ("text", r"entry 1: "),
    ],
)
def test_an_exemption_that_is_wrong_is_refused(tmp_path: Path, entry: str, told: str) -> None:
    with pytest.raises(exemptions.ExemptionsError, match=told):
        exemptions.read(written(tmp_path, f"- {entry}\n"))


def test_six_are_too_many_and_twice_is_once_too_often(tmp_path: Path) -> None:
    entries = [f"- {{kind: Pod, checks: {{checkov: CKV_{number}}}, reason: {REASON}}}\n" for number in range(6)]
    assert len(exemptions.read(written(tmp_path, "".join(entries[:5])))) == exemptions.MOST == 5
    with pytest.raises(exemptions.ExemptionsError, match=r"the whole: .*at most 5"):
        exemptions.read(written(tmp_path, "".join(entries)))
    with pytest.raises(exemptions.ExemptionsError, match="checkov CKV_0 on Pod is exempted twice"):
        exemptions.read(written(tmp_path, entries[0] * 2))


@pytest.mark.parametrize("text", ["- [", "all: of it", None])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, text) if text else tmp_path / "missing.yaml"
    with pytest.raises(exemptions.ExemptionsError, match=file.name):
        exemptions.read(file)


def test_the_projects_own_file_is_right() -> None:
    assert exemptions.read()


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Let the graders return what the test sets: findings by the text of the rendering, or an error."""
    answers: Answers = {"kube-score": {}, "checkov": {}}

    def grader(name: str) -> Callable[[str], Report]:
        def grade(text: str) -> Report:
            answer = answers[name].get(text, ())
            if isinstance(answer, GraderError):
                raise answer
            return Report(40, answer)

        return grade

    monkeypatch.setattr(
        graders,
        "GRADERS",
        {"kube-score": (grader("kube-score"), kube_score.FIGURES), "checkov": (grader("checkov"), checkov.FIGURES)},
    )
    return answers


BAD = Finding("CKV_1", "Deployment", "Deployment.shop.web", "Prefer files")
WARNING = Finding("affinity", "Deployment", "Deployment shop/web", "none set", fails=False)


def test_findings_have_a_line_each_and_warnings_do_not_fail(graded: Answers, capsys: Capture) -> None:
    graded["checkov"]["two"], graded["kube-score"]["one"] = (BAD,), (WARNING,)
    assert graders.run({"dev": "one", "prod": "two"}, frozenset()) == 1
    assert capsys.readouterr().out.splitlines() == [
        "kube-score, stack dev: 0 critical, 1 warnings, 40 ok, 0 exempted",
        "  warning affinity, Deployment shop/web: none set",
        "kube-score, stack prod: 0 critical, 0 warnings, 40 ok, 0 exempted",
        "checkov, stack dev: 40 passed, 0 failed, 0 exempted",
        "checkov, stack prod: 40 passed, 1 failed, 0 exempted",
        "  FAILED  CKV_1, Deployment.shop.web: Prefer files",
    ]


def test_an_exemption_met_in_one_stack_is_needed(graded: Answers, capsys: Capture) -> None:
    graded["checkov"]["two"] = (BAD,)
    assert graders.run({"dev": "one", "prod": "two"}, frozenset({("checkov", "CKV_1", "Deployment")})) == 0
    assert "checkov, stack prod: 40 passed, 0 failed, 1 exempted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "key", [("checkov", "CKV_1", "Pod"), ("checkov", "CKV_2", "Deployment"), ("kube-score", "CKV_1", "Deployment")]
)
def test_an_exemption_of_something_else_neither_helps_nor_stays(
    graded: Answers, capsys: Capture, key: tuple[str, str, str]
) -> None:
    graded["checkov"]["one"] = (BAD,)
    assert graders.run({"dev": "one"}, frozenset({key})) == 2
    assert f"{exemptions.describe(key)} is no longer needed" in capsys.readouterr().out


def test_a_grader_that_did_not_run_fails_and_says_nothing_of_its_exemptions(graded: Answers, capsys: Capture) -> None:
    graded["checkov"]["one"] = GraderError("it saw no object.")
    assert graders.run({"dev": "one"}, frozenset({("checkov", "CKV_1", "Deployment")})) == 1
    out = capsys.readouterr().out
    assert "checkov, stack dev: did not run: it saw no object." in out and "not needed" not in out
