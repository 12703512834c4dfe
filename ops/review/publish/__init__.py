"""Puts a review on a pull request, as one comment a stack that is updated in place."""
