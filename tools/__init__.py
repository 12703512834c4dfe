"""The project's own programs: tests, lint, graders and the contract."""
