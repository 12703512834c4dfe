"""The pack's program, which the engine starts in the pack's own virtualenv. Everything else is importable."""

import sys
from pathlib import Path

from pulumi_policy import PolicyPack

# The engine starts this folder, whose modules belong to the package `policy`.
sys.path.append(str(Path(__file__).parent.parent))

from policy.adapter import Pack

PolicyPack("ha-backend", Pack().policies())
