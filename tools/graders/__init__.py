"""Independent graders over every rendered stack. Fix what they find, or list it in exemptions.yaml with a reason."""

from __future__ import annotations

from collections.abc import Callable

from components.devcluster.errors import DevClusterError
from tools.graders import checkov, exemptions, kube_score
from tools.graders.finding import Finding, GraderError, Report

# The function that grades one rendering, and the format of its figures.
GRADERS: dict[str, tuple[Callable[[str], Report], str]] = {
    "kube-score": (kube_score.grade, kube_score.FIGURES),
    "checkov": (checkov.grade, checkov.FIGURES),
}


def run(rendered: dict[str, str], exempted: frozenset[exemptions.Key]) -> int:
    """Grade each stack's YAML, print the findings, and return the number of failed checks."""
    failed = 0
    matched: set[exemptions.Key] = set()
    failed_to_run: set[str] = set()
    for name, (grade, figures) in GRADERS.items():
        for stack, text in rendered.items():
            try:
                report = grade(text)
            except (GraderError, DevClusterError) as error:
                print(f"{name}, stack {stack}: did not run: {error}", flush=True)
                failed_to_run.add(name)
                failed += 1
                continue
            left = [finding for finding in report.findings if (name, finding.check, finding.kind) not in exempted]
            matched |= {(name, finding.check, finding.kind) for finding in report.findings} & exempted
            failed += any(finding.fails for finding in left)
            _print(f"{name}, stack {stack}: {figures}", report, left)
    # A grader that did not run would make its exemptions look unused.
    unused = [exemptions.describe(key) for key in sorted(exempted - matched) if key[0] not in failed_to_run]
    for exemption in unused:
        print(f"{exemptions.FILE.name}: {exemption} is no longer needed: remove it", flush=True)
    return failed + len(unused)


def _print(figures: str, report: Report, left: list[Finding]) -> None:
    bad = sum(finding.fails for finding in left)
    print(
        figures.format(
            passed=report.passed, failed=bad, warned=len(left) - bad, exempted=len(report.findings) - len(left)
        )
    )
    # Sorted, because kube-score's order varies.
    for finding in sorted(left, key=lambda finding: (not finding.fails, finding.check, finding.subject)):
        verdict = "FAILED " if finding.fails else "warning"
        print(f"  {verdict} {finding.check}, {finding.subject}: {finding.message}", flush=True)
