"""The daemon proper: pure cores (aircraft, authority, desk, uplink, latch_control, warnings) and a thin loop of one thread."""
