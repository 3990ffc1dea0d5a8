"""The whole stack without an aircraft."""
