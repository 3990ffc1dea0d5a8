"""What runs on the aircraft."""
