"""The commands behind make: find Pulumi, choose where its state lives, and fall back to a trial without it."""
