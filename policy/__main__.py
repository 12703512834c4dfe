"""The program of the policy pack. The engine starts this folder in the pack's own virtualenv."""

import sys
from pathlib import Path

from pulumi_policy import PolicyPack

# The engine runs the folder itself, which leaves its parent, and so the package `policy`, off the path.
sys.path.append(str(Path(__file__).parent.parent))

from policy.adapter import Pack

PolicyPack("ha-backend", Pack().policies())
