"""The aircraft itself: body, wind, battery, what its estimator believes, and the loops from a setpoint to the motors."""
