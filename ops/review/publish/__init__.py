"""Publish a review on a pull request: one comment for each stack, updated in place."""
