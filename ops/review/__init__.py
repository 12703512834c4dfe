"""Reads what the engine's preview says, and tells a reviewer what the change does to availability."""
