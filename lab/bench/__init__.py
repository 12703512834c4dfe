"""Benchmarks of this project, each next to baselines from the same run."""
