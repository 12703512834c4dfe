"""Who takes part in the drills: our own component, deployed as its users do, and the same program as others would deploy it."""
