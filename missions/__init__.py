"""What to fly: mission files, their checker, and steps as pure logic. No sockets, no MAVLink."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from missions.model import Mission, load, parse

__all__ = ["Mission", "load", "parse"]


def __getattr__(name: str) -> object:
    """Loaded only when it is asked for, so that `python -m missions` is at its door before anything else is loaded."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from missions import model  # noqa: PLC0415

    return getattr(model, name)
