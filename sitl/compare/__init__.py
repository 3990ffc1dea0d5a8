"""A recording of a real PX4 beside the embedded autopilot: the same stimulus, what came of it on both, where they differ."""
