"""Breaks running backends, measures what their users lose, and reports it beside the promise."""
