"""Flight and the embedded autopilot in one process, in simulated time."""
