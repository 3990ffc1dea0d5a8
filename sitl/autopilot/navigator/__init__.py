"""What each automatic mode flies: one small class per mode, from a situation to a setpoint."""
