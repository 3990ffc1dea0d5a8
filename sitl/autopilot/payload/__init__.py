"""What the vehicle carries and how PX4 works it: a gripper and a gimbal."""
