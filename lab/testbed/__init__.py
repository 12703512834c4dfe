"""Testbeds of drills: clusters with this project's component, deployed as users do, and with baselines."""
