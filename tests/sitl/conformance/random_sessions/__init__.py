"""Random but plausible MAVLink sessions, flown on both autopilots and compared."""
