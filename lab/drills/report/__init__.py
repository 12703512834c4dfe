"""Drills as a report: one page to look at, a table for a README, and all figures as JSON."""
