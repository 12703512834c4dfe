"""Read a Pulumi preview, and report to a reviewer how the change affects availability."""
