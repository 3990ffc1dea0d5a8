"""What can happen in a scenario, one class for each `kind:`. Times are simulated seconds since launch."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from wire.configuration import Section

AfterLaunch = Annotated[float, Meta(ge=0, le=86_400)]
Duration = Annotated[float, Meta(gt=0, le=86_400)]
DriveM = Annotated[float, Meta(ge=-1000, le=1000)]
DriveSpeed = Annotated[float, Meta(ge=0.1, le=30)]
BiasM = Annotated[float, Meta(ge=-50, le=50)]
WindSpeed = Annotated[float, Meta(ge=-40, le=40)]
Gust = Annotated[float, Meta(ge=0, le=20)]

LinkWay = Literal["both", "up", "down"]
Eye = Literal["survey", "landing"]
Frames = Literal["repeat", "stop"]
Stuck = Literal["closed", "open"]
Unit = Literal[
    "gyro", "accel", "mag", "baro", "gps", "optical_flow", "vio", "distance_sensor", "airspeed",
    "battery", "motor", "servo", "avoidance", "rc_signal", "mavlink_signal",
]  # fmt: skip
"""MAVLink's FAILURE_UNIT, without its prefixes."""
Failure = Literal["off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"]
"""MAVLink's FAILURE_TYPE."""
Killed = Literal["flight", "vision", "link"]


class Event(Section, frozen=True, kw_only=True, tag_field="kind"):
    """The base. `after_launch_s` None: from the start, before the launch, where a kind can; `for_s` None: to the end."""

    early: ClassVar[bool] = False
    """It can be so from the start."""
    lasts: ClassVar[bool] = True
    """It has a duration."""

    after_launch_s: AfterLaunch | None = None
    for_s: Duration | None = None

    @property
    def begins_s(self) -> float:
        return -math.inf if self.after_launch_s is None else self.after_launch_s

    @property
    def ends_s(self) -> float:
        return math.inf if self.for_s is None else self.begins_s + self.for_s

    @property
    def sentence(self) -> str:
        """What is so while it lasts, in words."""
        raise NotImplementedError

    def wrong(self) -> tuple[str, str] | None:
        """What is wrong between its fields, as (field, sentence), or None."""
        if self.after_launch_s is None and not self.early:
            return "after_launch_s", "is missing; say when it begins, in seconds since the launch"
        if self.for_s is not None and not self.lasts:
            return "for_s", "does not belong here: this happens at a moment; leave it out"
        if self.for_s is not None and self.after_launch_s is None:
            return "for_s", "counts from after_launch_s; give that, too, or leave both out: from the start to the end"
        return self.lacking()

    def lacking(self) -> tuple[str, str] | None:
        """What a kind asks for beside the times, as `wrong`."""
        return None


class LinkCut(Event, frozen=True, kw_only=True, tag="link_cut"):
    """The radio passes nothing. `up`: of what the vehicle says; `down`: of what the aircraft says, its video too."""

    way: LinkWay = "both"

    @property
    def sentence(self) -> str:
        return f"the radio is cut{'' if self.way == 'both' else f' on the way {self.way}'}"


class LatchStuck(Event, frozen=True, kw_only=True, tag="latch_stuck"):
    """`closed`: it never opens; `open`: it opens, and never closes again."""

    early: ClassVar[bool] = True
    at: Stuck

    @property
    def sentence(self) -> str:
        return f"the latch is stuck {self.at}"


class CameraFrozen(Event, frozen=True, kw_only=True, tag="camera_frozen"):
    """`repeat`: the same picture over and over, with fresh time stamps; `stop`: none."""

    camera: Eye
    frames: Frames = "repeat"

    @property
    def sentence(self) -> str:
        how = "gives the same picture over and over" if self.frames == "repeat" else "gives no pictures"
        return f"the {self.camera} camera {how}"


class SensorBias(Event, frozen=True, kw_only=True, tag="sensor_bias"):
    """The aircraft's sensors are off by this; PX4 cannot tell. Several that overlap add up. Embedded autopilot only."""

    early: ClassVar[bool] = True
    gnss_north_m: BiasM = 0.0
    gnss_east_m: BiasM = 0.0
    gnss_up_m: BiasM = 0.0
    barometer_m: BiasM = 0.0
    heading_deg: Annotated[float, Meta(ge=-60, le=60)] = 0.0

    @property
    def sentence(self) -> str:
        places = {"north": self.gnss_north_m, "east": self.gnss_east_m, "up": self.gnss_up_m}
        said = [f"GNSS {metres:+g} m {way}" for way, metres in places.items() if metres]
        said += [f"barometer {self.barometer_m:+g} m"] * bool(self.barometer_m)
        said += [f"heading {self.heading_deg:+g}°"] * bool(self.heading_deg)
        return f"the aircraft's sensors are off: {', '.join(said)}"

    def lacking(self) -> tuple[str, str] | None:
        if self.gnss_north_m or self.gnss_east_m or self.gnss_up_m or self.barometer_m or self.heading_deg:
            return None
        return "kind", "give one of gnss_north_m, gnss_east_m, gnss_up_m, barometer_m and heading_deg, and not 0"


class VehicleGnssLost(Event, frozen=True, kw_only=True, tag="vehicle_gnss_lost"):
    """The vehicle's receiver has no fix, and says so."""

    @property
    def sentence(self) -> str:
        return "the vehicle's receiver has no fix"


class VehicleGnssBias(Event, frozen=True, kw_only=True, tag="vehicle_gnss_bias"):
    """The vehicle's receiver is off by this, and does not know. Several that overlap add up."""

    early: ClassVar[bool] = True
    north_m: BiasM = 0.0
    east_m: BiasM = 0.0
    up_m: BiasM = 0.0

    @property
    def sentence(self) -> str:
        places = {"north": self.north_m, "east": self.east_m, "up": self.up_m}
        return "the vehicle's receiver is off: " + ", ".join(f"{metres:+g} m {way}" for way, metres in places.items() if metres)

    def lacking(self) -> tuple[str, str] | None:
        return None if self.north_m or self.east_m or self.up_m else ("kind", "give one of north_m, east_m and up_m, and not 0")


class WindChange(Event, frozen=True, kw_only=True, tag="wind"):
    """It blows so instead, towards north and east; of several the one that began last counts. Embedded autopilot only."""

    early: ClassVar[bool] = True
    north_m_s: WindSpeed
    east_m_s: WindSpeed
    gust_m_s: Gust = 0.0  # standard deviation of each horizontal axis

    @property
    def sentence(self) -> str:
        gusts = f", gusts {self.gust_m_s:g} m/s" if self.gust_m_s else ""
        return f"the wind blows {self.north_m_s:+g} m/s north, {self.east_m_s:+g} m/s east{gusts}"


class Drive(Event, frozen=True, kw_only=True, tag="drive"):
    """The vehicle drives straight, by this much from where it is then. Drives follow each other, they never overlap."""

    lasts: ClassVar[bool] = False
    north_m: DriveM = 0.0
    east_m: DriveM = 0.0
    speed_m_s: DriveSpeed = 5.0

    @property
    def sentence(self) -> str:
        return f"the vehicle drives {self.north_m:+g} m north, {self.east_m:+g} m east, at {self.speed_m_s:g} m/s"

    def lacking(self) -> tuple[str, str] | None:
        return None if self.north_m or self.east_m else ("kind", "give north_m or east_m, and not 0")


class Px4Failure(Event, frozen=True, kw_only=True, tag="px4_failure"):
    """PX4's own failure injection. PX4's simulation knows `battery` `off` (empty at once) and motors; others it ignores."""

    unit: Unit
    failure: Failure | bool  # YAML reads a bare `off` as false
    instance: Annotated[int, Meta(ge=0, le=15)] = 0  # 0: all

    @property
    def type(self) -> Failure:
        return "off" if isinstance(self.failure, bool) else self.failure

    @property
    def sentence(self) -> str:
        return f"PX4 is told that its {self.unit}{f' {self.instance}' if self.instance else ''} fails: {self.type}"

    def lacking(self) -> tuple[str, str] | None:
        return (
            ("failure", "a failure is off, stuck, garbage, wrong, slow, delayed or intermittent")
            if self.failure is True
            else None
        )


class Kill(Event, frozen=True, kw_only=True, tag="kill"):
    """A process dies; its supervisor starts it again. `link`: groundlink's."""

    lasts: ClassVar[bool] = False
    process: Killed

    @property
    def sentence(self) -> str:
        return f"the process {self.process} is killed"


WorldEvent = LatchStuck | CameraFrozen | VehicleGnssLost | VehicleGnssBias | Drive
AutopilotEvent = SensorBias | WindChange | Px4Failure
AnyEvent = LinkCut | WorldEvent | AutopilotEvent | Kill
EMBEDDED_ONLY = (SensorBias, WindChange)
