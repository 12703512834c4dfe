"""The documentation: pages that are generated at build time, and the terminal recording."""
