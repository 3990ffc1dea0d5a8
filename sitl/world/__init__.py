"""The simulated world: a town with people and cars, the police vehicle, its latch and GNSS receiver, and the aircraft's camera.

A process of its own, driven by the autopilot's true pose, so that it serves the embedded autopilot and a real PX4 alike.
The town frame is ENU in metres: east and north of the aircraft's home, up from the street.

Known limits. The autopilot's model of the ground is a plane at the roof's height, wherever the vehicle is: an aircraft that
lands beside the vehicle stands in the air, `roof_height_m` above the street. A claw that is closed does not hold the
simulated aircraft: when it leaves all the same, that is told as a world fault. The vehicle drives where it is told to,
through houses too. Cars that cross a crossing at the same time do not see each other. The camera has no lens distortion, no
rolling shutter and no motion blur.
"""
