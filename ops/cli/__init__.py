"""The commands around the engine: finds pulumi, chooses where its state lives, and falls back to a trial without it."""
