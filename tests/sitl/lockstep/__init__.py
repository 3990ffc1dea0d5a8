"""Flight and the embedded autopilot in one process: whole flights in simulated time."""
