"""The door of the stack-file program. The only package that reads stack names and environment variables."""
