"""What to fly: mission files, their checker, and steps as pure logic. No sockets, no MAVLink."""

from missions.model import Mission, load, parse

__all__ = ["Mission", "load", "parse"]
