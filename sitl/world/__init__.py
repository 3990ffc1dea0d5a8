"""The simulated world: a town with people and cars, the police vehicle, its latch and GNSS receiver, and the aircraft's camera.

A process of its own, driven by the autopilot's true pose, so that it serves the embedded autopilot and a real PX4 alike.
The town frame is ENU in metres: east and north of the aircraft's home, up from the street.
"""
