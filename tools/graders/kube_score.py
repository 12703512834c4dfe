"""kube-score: no check may be critical. Its optional checks stay off."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from components.devcluster import binaries
from components.devcluster.catalog import pinned_version
from tools.graders.finding import Finding, GraderError, Report

FIGURES = "{failed} critical, {warned} warnings, {passed} ok, {exempted} exempted"
CRITICAL, WARNING = 1, 5  # its grades; 7 and 10 pass


def grade(text: str) -> Report:
    """Grade one rendering. Raises GraderError, or the development cluster's error if it cannot be obtained."""
    program = binaries.ensure(print, ["kube-score"])["kube-score"]
    version = ".".join(pinned_version("k8s.io/kubernetes").split(".")[:2])  # v1.36: it accepts no patch level
    command = [
        str(program),
        "score",
        "--output-format",
        "json",
        "--kubernetes-version",
        version,
        # Annotations would switch checks off or on unnoticed; exemptions.yaml is the only place.
        "--disable-ignore-checks-annotations",
        "--disable-optional-checks-annotations",
        "-",
    ]
    ran = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    try:
        return parse(ran.stdout)
    except GraderError as error:
        raise GraderError(f"{error} {ran.stderr.strip()[-300:]}".strip()) from None


def parse(output: str) -> Report:
    """Parse its JSON. Count a check once for each object, whatever its number of comments."""
    try:
        objects: list[dict[str, Any]] = json.loads(output) or []
        findings, passed = [], 0
        for item in objects:
            for check in item["checks"]:
                if check["skipped"]:  # optional, or not applicable to this object
                    continue
                if check["grade"] > WARNING:
                    passed += 1
                else:
                    findings.append(_finding(item, check))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraderError(f"its answer cannot be read ({type(error).__name__}: {error}).") from None
    if not objects:
        raise GraderError("it saw no object.")
    return Report(passed, tuple(findings))


def _finding(item: dict[str, Any], check: dict[str, Any]) -> Finding:
    meta, kind = item["object_meta"], item["type_meta"]["kind"]
    remarks = [
        f"({remark['path']}) {remark['summary']}" if remark["path"] else remark["summary"]
        for remark in check["comments"] or []
    ]
    subject = "/".join(part for part in (meta.get("namespace"), meta["name"]) if part)
    return Finding(
        check["check"]["id"],
        kind,
        f"{kind} {subject}",
        "; ".join(remarks) or check["check"]["comment"],
        fails=check["grade"] <= CRITICAL,
    )
