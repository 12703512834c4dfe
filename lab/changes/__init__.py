"""Changes made on the real engine: what `review` predicts for each one must be what the cluster then does.

The observed effects are derived from the cluster alone: the rules here do not know the rules of `review`.
"""
