"""The `flight:` section of the on-board configuration file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from onboard.flight.envelope import Limits
from wire.configuration import Section

Endpoint = Annotated[str, Meta(pattern=r"^(tcp|ipc)://.+", max_length=120)]


class FlightConfig(Section, frozen=True, kw_only=True):
    autopilot: Annotated[str, Meta(pattern=r"^(udp|serial):.+:\d+$", max_length=120)] = "udp:127.0.0.1:14540"
    system_id: Annotated[int, Meta(ge=1, le=250)] = 1  # PX4's MAV_SYS_ID
    downlink: Endpoint = "tcp://127.0.0.1:5601"  # bound: state, events, replies
    uplink: Endpoint = "tcp://127.0.0.1:5602"  # bound: commands and the vehicle's heartbeat
    pose: Endpoint = "tcp://127.0.0.1:5606"  # bound: position and attitude for vision
    vision: Endpoint = "tcp://127.0.0.1:5604"  # where vision tells how it is
    roof_height_m: Annotated[float, Meta(ge=0.5, le=5)] = 2.0  # the roof above the street: where things on the ground are
    limits: Limits = Limits()
