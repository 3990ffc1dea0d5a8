"""What PX4's commander decides: arming, modes, health, home, and which failsafe acts when."""
