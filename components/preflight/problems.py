"""The error of everything that is checked before a deployment."""

from __future__ import annotations

from ..errors import tagged
from ..errors.verification import API_SERVER_ERROR
from ..inspection.client import InspectionError
from ..settings.problems import Problem


class PreflightError(Exception):
    """What must be fixed before anything can be deployed: every problem, each with its key and a remedy.

    ``title`` is the line above the problems. Without one, the problems stand alone.
    """

    def __init__(self, *problems: Problem, title: str = "") -> None:
        self.problems, self.title = problems, title
        lines = [str(problem) if problem.key else problem.text for problem in problems]
        super().__init__("\n  ".join([title, *lines]) if title else "\n".join(lines))

    def below(self, prefix: str) -> PreflightError:
        """Return the same error with ``prefix`` before each problem, such as the name of a placement."""
        named = [Problem("", f"{prefix}: {problem if problem.key else problem.text}") for problem in self.problems]
        return PreflightError(*named, title=self.title)


def not_inspected(key: str, title: str, error: InspectionError) -> PreflightError:
    """Return the error for a cluster, called ``title``, whose API server does not answer as it should."""
    text = f"{title}: {error.text}. Nothing was changed"
    return PreflightError(Problem(key, tagged(text, error.kind or API_SERVER_ERROR)))
