"""The only MAVLink speaker on board, the executive, the envelope, the dead man."""
