"""Where sockets are, as configuration files name them, and whether two were given the same place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

PORT = r"([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
"""1 to 65535."""
_TCP = rf"tcp://[^\s:/]+:{PORT}"
_LIKE = "tcp://ADDRESS:PORT with a port from 1 to 65535, like tcp://127.0.0.1:5601"

TcpEndpoint = Annotated[str, Meta(pattern=f"^{_TCP}$", max_length=120, description=_LIKE)]
Endpoint = Annotated[str, Meta(pattern=rf"^({_TCP}|ipc://.+)$", max_length=120, description=_LIKE)]

_EVERYWHERE = ("0.0.0.0", "*")  # noqa: S104 (compared with, not bound)


def taken_twice(bound: Mapping[str, str], connected: Mapping[str, str]) -> tuple[str, str] | None:
    """The first field whose endpoint another field has already, and a sentence on it; None when each has its own.

    Fields by their dotted names. A socket bound to 0.0.0.0 takes its port on every address that is bound here.
    """
    seen: dict[str, str] = {}
    for field, endpoint in {**bound, **connected}.items():
        for other, taken in seen.items():
            if _same(endpoint, taken) or (field in bound and other in bound and _overlap(endpoint, taken)):
                return field, f"{endpoint} is the place of {other} already; give each a port of its own"
        seen[field] = endpoint
    return None


def leads_to(connected: str, bound: str) -> bool:
    """Does a socket that connects there reach the one that is bound, on the same machine?"""
    return _same(connected, bound) or (_port(connected) == _port(bound) and _host(bound) in _EVERYWHERE)


def _overlap(one: str, other: str) -> bool:
    return _port(one) == _port(other) and (_host(one) in _EVERYWHERE or _host(other) in _EVERYWHERE)


def _same(one: str, other: str) -> bool:
    return (_host(one), _port(one)) == (_host(other), _port(other))


def _host(endpoint: str) -> str:
    return "127.0.0.1" if (host := endpoint.rpartition(":")[0].removeprefix("tcp://")) == "localhost" else host


def _port(endpoint: str) -> str:
    return endpoint.rpartition(":")[2]
