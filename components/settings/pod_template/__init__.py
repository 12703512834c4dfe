"""The pod template overrides: how they are checked and read, and which of them are rejected."""
