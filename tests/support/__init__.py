"""Fakes, builders and strategies that the suites share. No test is in here."""
