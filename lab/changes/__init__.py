"""Changes made on the real engine: what `review` says of each one, and what the cluster then does, must agree.

What the cluster did is told from what it showed alone: nothing in here that judges it knows the rules of `review`.
"""
