"""Break running backends, measure what their users lose, and report it next to the promise."""
