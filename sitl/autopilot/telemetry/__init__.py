"""What the autopilot reports: which messages at which rate, and what is in them."""
