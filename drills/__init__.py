"""Breaks running backends on a real cluster and measures what clients see: ours beside what others would have deployed."""
