"""For each rule of the policy pack, changes that violate it, and a part of the message."""

from __future__ import annotations

from tests.support.policy_violations import Violation
from tests.support.violations_of_objects import OBJECT_VIOLATIONS
from tests.support.violations_of_pods import POD_VIOLATIONS

VIOLATIONS: tuple[tuple[str, Violation, str], ...] = (*OBJECT_VIOLATIONS, *POD_VIOLATIONS)
