"""What stands between the engine and the program: configuration in, problems out, and where local files live."""
