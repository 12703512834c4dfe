"""The figures, each beside a rival's from the same run."""
