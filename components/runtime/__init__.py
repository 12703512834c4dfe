"""The stack-file program's own door: configuration in, problems out. Knows stack names, directories and the environment."""
