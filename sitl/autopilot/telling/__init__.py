"""What is told of itself: texts, events, and how each reaches the ground stations."""
