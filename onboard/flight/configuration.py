"""The `flight:` section of the on-board configuration file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from onboard.flight.envelope import Limits
from wire.configuration import Section
from wire.endpoints import PORT, Endpoint

_BAUD = "9600|19200|38400|57600|115200|230400|460800|500000|921600|1000000|1500000|2000000|3000000"
_AUTOPILOT = (
    "udp:ADDRESS:PORT to listen on, like udp:0.0.0.0:14540, or serial:DEVICE:BAUD at a usual rate, "
    "like serial:/dev/serial0:921600"
)
Autopilot = Annotated[
    str, Meta(pattern=rf"^(udp:[^\s:]+:{PORT}|serial:\S+:({_BAUD}))$", max_length=120, description=_AUTOPILOT)
]
"""The baud rates are those of PX4's SER_TEL2_BAUD."""


class FlightConfig(Section, frozen=True, kw_only=True):
    autopilot: Autopilot = "udp:127.0.0.1:14540"
    system_id: Annotated[int, Meta(ge=1, le=250)] = 1  # PX4's MAV_SYS_ID
    downlink: Endpoint = "tcp://127.0.0.1:5601"  # bound: state, events, replies
    uplink: Endpoint = "tcp://127.0.0.1:5602"  # bound: commands and the vehicle's heartbeat
    pose: Endpoint = "tcp://127.0.0.1:5606"  # bound: position and attitude for vision
    vision: Endpoint = "tcp://127.0.0.1:5604"  # where vision tells how it is
    roof_height_m: Annotated[float, Meta(ge=0.5, le=5)] = 2.0  # the roof above the street: where things on the ground are
    limits: Limits = Limits()
