"""The configuration files of one simulated stack, as plain dictionaries: the same files an aircraft and a vehicle have."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import msgspec

from sitl.options import HOME, Options
from sitl.stack.ports import free_ports

LANDING_CAMERA: dict[str, object] = {"horizontal_fov_deg": 90.0, "pitch_down_deg": 90.0, "frames_per_s": 10.0}
"""The drawn one (sitl/world/configuration.py), as the aircraft's configuration says it."""


@dataclass(frozen=True)
class Places:
    """Where each socket of the stack is: endpoints on this machine, UDP ports, and PX4's instance number."""

    instance: int
    nmea_port: int
    flight_port: int
    """UDP: where flight listens for the autopilot, when a real PX4's link is recorded on the way (sitl/stack/tap.py)."""
    downlink: str
    uplink: str
    video: str
    vision: str
    video_request: str
    pose: str
    orders: str
    console: str
    video_state: str
    frames: str
    latch: str
    reports: str
    landing_frames: str
    radio: tuple[str, ...] = field(kw_only=True)
    """Where the vehicle connects to instead, when a scenario cuts the radio: in the order of _RADIO."""

    @classmethod
    def free(cls, instance: int) -> Self:
        """Ports that nobody uses now."""
        ends = [f"tcp://127.0.0.1:{port}" for port in free_ports(13 + len(_RADIO))]  # at once, so that none is given twice
        nmea_port, flight_port = free_ports(2, socket.SOCK_DGRAM)
        return cls(instance, nmea_port, flight_port, *ends[:13], radio=tuple(ends[13:]))

    def beyond_the_radio(self) -> Places:
        """The same for the vehicle, where what crosses the radio goes by the relay's ports."""
        down, up, video, vision, request = self.radio
        return replace(self, downlink=down, uplink=up, video=video, vision=vision, video_request=request)


def onboard_port(instance: int) -> int:
    """Where an autopilot sends its onboard link."""
    return 14540 + instance


_RADIO = {"downlink": "down", "uplink": "up", "video": "down", "vision": "down", "video_request": "up"}
"""What crosses the radio, and which way its messages go (wire/topics.py)."""


def onboard(options: Options, at: Places, records: Path, keys: Path) -> dict[str, object]:
    return {
        "keys_folder": str(keys),
        "clock_speed": options.speed,
        "log_folder": str(records / "onboard"),
        "flight": {
            "autopilot": f"udp:127.0.0.1:{at.flight_port if options.autopilot == 'px4' else onboard_port(at.instance)}",
            "system_id": at.instance + 1,
            "downlink": at.downlink,
            "uplink": at.uplink,
            "pose": at.pose,
            "vision": at.vision,
        },
        "vision": {
            "camera": {"kind": "world", "source": at.frames},
            "landing": {"camera": {"kind": "world", "source": at.landing_frames, **LANDING_CAMERA} if options.marker else None},
            "endpoints": {
                "video": at.video,
                "detections": at.vision,
                "video_request": at.video_request,
                "pose": at.pose,
            },
        },
    }


def groundlink(options: Options, at: Places, records: Path, keys: Path) -> dict[str, object]:
    return {
        "keys_folder": str(keys),
        "clock_speed": options.speed,
        "log_folder": str(records),
        "log_exact": True,
        "operators": [{"name": "operator", "launch": True}],
        "mission": str(options.mission.absolute()) if options.mission else "launch-and-survey",
        "aircraft": {"telemetry": at.downlink, "commands": at.uplink, "vision": at.vision},
        "listen": {"orders": at.orders, "console": at.console},
        "latch": {"kind": "simulated", "orders": at.latch, "reports": at.reports},
        "position": {"kind": "nmea", "host": "127.0.0.1", "port": at.nmea_port},
        "video": {
            "folder": str(records),
            "endpoints": {
                "video": at.video,
                "detections": at.vision,
                "video_request": at.video_request,
                "console": at.console,
                "video_state": at.video_state,
            },
        },
    }


def world(options: Options, at: Places, records: Path, keys: Path) -> dict[str, object]:
    scenario = options.scenario
    names = ("after_launch_s", "north_m", "east_m", "speed_m_s")
    return {
        "keys_folder": str(keys),
        "clock_speed": options.speed,
        "seed": options.seed,
        "light": options.light,
        "home": HOME._asdict(),
        "endpoints": {
            "frames": at.frames,
            "landing_frames": at.landing_frames,
            "latch_orders": at.latch,
            "reports": at.reports,
        },
        "nmea": {"host": "127.0.0.1", "port": at.nmea_port},
        "pose_port": 19410 + at.instance,
        "vehicle": {"moves": [dict(zip(names, move, strict=True)) for move in (options.moves if scenario is None else ())]},
        "gnss": {"noise_m": options.gnss_noise_m},
        "events": [] if scenario is None else msgspec.to_builtins(scenario.of_the_world),
        "records": str(records),
    }


def relay(options: Options, aircraft: Places, vehicle: Places, records: Path, keys: Path) -> dict[str, object]:
    """Of the radio, between where the aircraft binds and where the vehicle connects."""

    def port(at: Places, name: str) -> int:
        return int(str(getattr(at, name)).rpartition(":")[2])

    lines = [{"listen": port(vehicle, name), "to": port(aircraft, name), "way": way} for name, way in _RADIO.items()]
    return {
        "lines": lines,
        "reports": aircraft.reports,
        "events": [] if options.scenario is None else msgspec.to_builtins(options.scenario.cuts),
        "keys_folder": str(keys),
        "records": str(records),
        "clock_speed": options.speed,
    }
