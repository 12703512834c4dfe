"""The laboratory: drills, their testbed, benchmarks, calibration and mutations. Nothing else imports it."""
