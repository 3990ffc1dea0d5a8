"""The world's configuration as typed data: every field has a default, so an empty file is a valid world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sitl.scenario.events import AfterLaunch, DriveM, DriveSpeed, WorldEvent
from wire import configuration
from wire.configuration import Section
from wire.geo import Position

Endpoint = Annotated[str, Meta(pattern=r"^tcp://[^\s:/]+:\d{1,5}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]

SIH_DISPLAY_PORT = 19410
"""Where PX4's instance 0 sends its true state (px4-rc.mavlink's SIH display link); instance i adds i."""


class Home(Section, frozen=True, kw_only=True):
    """Where the aircraft stands at the start: the centre of the roof pad. The same as the autopilot's, or nothing fits."""

    latitude_deg: Annotated[float, Meta(ge=-85, le=85)] = 47.397742
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)] = 8.545594
    altitude_amsl_m: Annotated[float, Meta(ge=-500, le=9000)] = 489.4

    @property
    def position(self) -> Position:
        return Position(self.latitude_deg, self.longitude_deg, self.altitude_amsl_m)


class CameraConfig(Section, frozen=True, kw_only=True):
    """A camera fixed to the body: its axis is the body's forward axis, turned down by `pitch_down_deg`."""

    width: Annotated[int, Meta(ge=16, le=1920)] = 640
    height: Annotated[int, Meta(ge=16, le=1080)] = 480
    frames_per_s: Annotated[float, Meta(ge=0.5, le=60)] = 15.0
    hfov_deg: Annotated[float, Meta(ge=20, le=120)] = 70.0
    pitch_down_deg: Annotated[float, Meta(ge=0, le=90)] = 45.0
    noise_levels: Annotated[float, Meta(ge=0, le=20)] = 2.0  # sensor noise, standard deviation in 8-bit levels


LANDING_CAMERA = CameraConfig(frames_per_s=10.0, hfov_deg=90.0, pitch_down_deg=90.0)
"""Straight down: what the roof's marker is looked for with."""


class Endpoints(Section, frozen=True, kw_only=True):
    """What the world binds."""

    frames: Endpoint = "tcp://127.0.0.1:5621"
    landing_frames: Endpoint = "tcp://127.0.0.1:5625"
    latch_orders: Endpoint = "tcp://127.0.0.1:5622"
    reports: Endpoint = "tcp://127.0.0.1:5623"


class NmeaConfig(Section, frozen=True, kw_only=True):
    """Where the vehicle's GNSS receiver sends its sentences, by UDP."""

    host: str = "127.0.0.1"
    port: Port = 5624


class Move(Section, frozen=True, kw_only=True):
    """A straight drive: a displacement from where the vehicle is then. Moves follow each other, they never overlap."""

    after_launch_s: AfterLaunch  # since the aircraft was first seen airborne
    north_m: DriveM = 0.0
    east_m: DriveM = 0.0
    speed_m_s: DriveSpeed = 5.0


class VehicleConfig(Section, frozen=True, kw_only=True):
    moves: Annotated[tuple[Move, ...], Meta(max_length=100)] = ()


class GnssConfig(Section, frozen=True, kw_only=True):
    """The vehicle's receiver. `noise_m`: standard deviation per horizontal axis, 1.5 times as much vertically."""

    noise_m: Annotated[float, Meta(ge=0, le=20)] = 0.3


class LatchFaults(Section, frozen=True, kw_only=True):
    """`stuck: closed` never opens; `stuck: open` opens but never closes again. A broken seat sensor reads "not seated"."""

    stuck: Literal["none", "closed", "open"] = "none"
    sensor_broken: bool = False
    seat_sensor: Literal["works", "broken"] = "works"


class WorldConfig(Section, frozen=True, kw_only=True):
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 1
    light: Literal["day", "night"] = "day"
    people: Annotated[int, Meta(ge=0, le=100)] = 18
    cars: Annotated[int, Meta(ge=0, le=40)] = 8  # driving; parked ones come on top
    home: Home = Home()
    roof_height_m: Annotated[float, Meta(ge=1.4, le=4)] = 2.0  # of the pad above the street
    camera: CameraConfig = CameraConfig()
    landing_camera: CameraConfig = LANDING_CAMERA
    endpoints: Endpoints = Endpoints()
    nmea: NmeaConfig = NmeaConfig()
    pose_port: Port = SIH_DISPLAY_PORT
    vehicle: VehicleConfig = VehicleConfig()
    gnss: GnssConfig = GnssConfig()
    latch: LatchFaults = LatchFaults()
    events: Annotated[tuple[WorldEvent, ...], Meta(max_length=100)] = ()
    """What goes wrong, or is done, in the course of a flight: see sitl/scenario."""
    records: Path | None = None  # where what was done of them is told
    keys_folder: Path = Path("keys")
    clock_speed: Annotated[float, Meta(ge=0.01, le=1000)] = 1.0

    def problem(self) -> tuple[str, str] | None:
        wrongs = ((index, event.wrong()) for index, event in enumerate(self.events))
        return next(((f"events.{index}.{wrong[0]}", wrong[1]) for index, wrong in wrongs if wrong is not None), None)


def load(path: Path) -> WorldConfig:
    """Read and check a file; a relative `keys_folder` is taken from where the file is. Raises ConfigurationError."""
    config = configuration.load(path, WorldConfig)
    return msgspec.structs.replace(config, keys_folder=path.absolute().parent / config.keys_folder.expanduser())
