"""Independent graders over every rendered stack. What they find is mended, or stands in exemptions.yaml with its reason."""

from __future__ import annotations

from collections.abc import Callable

from components.devcluster.errors import LocalError
from tools.graders import checkov, exemptions, kube_score
from tools.graders.finding import Finding, GraderError, Report

# How each grades one rendering, and how it states its figures.
GRADERS: dict[str, tuple[Callable[[str], Report], str]] = {
    "kube-score": (kube_score.grade, kube_score.FIGURES),
    "checkov": (checkov.grade, checkov.FIGURES),
}


def run(rendered: dict[str, str], exempted: frozenset[exemptions.Key]) -> int:
    """Prints what each grader says about each stack's YAML; gives how many checks failed."""
    failed, met, silent = 0, set[exemptions.Key](), set[str]()
    for name, (grade, figures) in GRADERS.items():
        for stack, text in rendered.items():
            try:
                report = grade(text)
            except (GraderError, LocalError) as error:
                print(f"{name}, stack {stack}: did not run: {error}", flush=True)
                silent.add(name)
                failed += 1
                continue
            left = [finding for finding in report.findings if (name, finding.check, finding.kind) not in exempted]
            met |= {(name, finding.check, finding.kind) for finding in report.findings} & exempted
            failed += any(finding.fails for finding in left)
            _say(f"{name}, stack {stack}: {figures}", report, left)
    # A grader that did not run would make its exemptions look idle.
    idle = [exemptions.describe(key) for key in sorted(exempted - met) if key[0] not in silent]
    for exemption in idle:
        print(f"{exemptions.FILE.name}: {exemption} is not needed any more: remove it", flush=True)
    return failed + len(idle)


def _say(figures: str, report: Report, left: list[Finding]) -> None:
    bad = sum(finding.fails for finding in left)
    print(
        figures.format(
            passed=report.passed, failed=bad, warned=len(left) - bad, exempted=len(report.findings) - len(left)
        )
    )
    # Sorted, because kube-score has no order.
    for finding in sorted(left, key=lambda finding: (not finding.fails, finding.check, finding.subject)):
        verdict = "FAILED " if finding.fails else "warning"
        print(f"  {verdict} {finding.check}, {finding.subject}: {finding.message}", flush=True)
