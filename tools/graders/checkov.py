"""checkov: every Kubernetes check must pass.

It pins packages that clash with Pulumi's, so `make lint` installs it into a virtualenv of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tools.graders.finding import Finding, GraderError, Report

FIGURES = "{passed} passed, {failed} failed, {exempted} exempted"
PYTHON = Path(__file__).parent.parent.parent / "venv-checkov" / "bin" / "python"
OPTIONS = ["--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "--output", "json"]


def grade(text: str) -> Report:
    """Grade one rendering. Raises GraderError."""
    if not PYTHON.exists():
        raise GraderError("it is not installed: run `make lint`, which creates venv-checkov/.")
    with tempfile.TemporaryDirectory() as folder:
        manifests, home = Path(folder, "manifests"), Path(folder, "home")
        manifests.mkdir()
        home.mkdir()
        (manifests / "rendering.yaml").write_text(text)
        ran = subprocess.run(
            [str(PYTHON), "-m", "checkov.main", *OPTIONS, "--directory", "."],
            cwd=manifests,
            env=environment(home),
            text=True,
            capture_output=True,
            check=False,
        )
    try:
        return parse(ran.stdout)
    except GraderError as error:
        raise GraderError(f"{error} {ran.stderr.strip()[-300:]}".strip()) from None


def environment(home: Path) -> dict[str, str]:
    """Return an environment without the user's: it could select checks, or connect checkov to its platform."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
    }  # otherwise it looks for a newer version at each start


def parse(output: str) -> Report:
    """Parse its JSON. Reject skipped checks: exemptions.yaml is the only place for exemptions."""
    try:
        answer: dict[str, Any] = json.loads(output)
        if "summary" not in answer:  # the short form, for an input without objects
            raise GraderError("it saw no object.")
        summary = answer["summary"]
        findings = tuple(
            Finding(found["check_id"], found["resource"].split(".")[0], found["resource"], found["check_name"])
            for found in answer["results"]["failed_checks"]
        )
        passed, skipped, unread = (int(summary[key]) for key in ("passed", "skipped", "parsing_errors"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraderError(f"its answer cannot be read ({type(error).__name__}: {error}).") from None
    if skipped or unread:
        raise GraderError(
            f"{skipped} checks were skipped by an annotation and {unread} files not understood; both must be 0."
        )
    return Report(passed, findings)
