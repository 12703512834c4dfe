"""The components for programs in any Pulumi language, served by a plugin."""
