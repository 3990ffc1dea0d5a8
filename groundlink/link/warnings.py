"""What a watcher has to be warned of: plain sentences, each with what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groundlink.link.aircraft import STALE_S
from groundlink.link.latch_control import REPORT_STALE_S
from groundlink.words import duration
from wire.messages import AircraftState, Phase, VehicleState, VideoState, VisionState

AUTOPILOT_SILENT_S = 2.0
VISION_SILENT_S = 3.0
UPLINK_STALE_S = 1.0
BATTERY_LOW_PERCENT = 25.0
POSITION_STALE_S = 2.0

_MAX_LENGTH = 400


@dataclass(frozen=True)
class Known:
    """Everything that warnings are made from. Ages are None before the first message."""

    aircraft: AircraftState | None
    aircraft_age_s: float | None
    vehicle: VehicleState
    latch_stuck: str | None = None
    vision: VisionState | None = None
    vision_age_s: float | None = None
    video: VideoState | None = None
    log_trouble: str | None = None
    wire_errors: Sequence[str] = ()


def warnings(known: Known) -> list[str]:
    """The worst first."""
    aircraft = known.aircraft
    found = _of_the_link(known)
    if aircraft is not None:
        found += _of_the_flight(aircraft)
    found += _of_the_vehicle(known.vehicle, known.latch_stuck)
    if aircraft is not None:
        found += _of_vision(known, aircraft)
    if known.video is not None and known.video.reason:
        found.append(f"the video: {known.video.reason}")
    found += [known.log_trouble] if known.log_trouble else []
    return [sentence[:_MAX_LENGTH] for sentence in [*found, *known.wire_errors]]


def _of_the_link(known: Known) -> list[str]:
    if known.aircraft is None or known.aircraft_age_s is None:
        return ["the aircraft has not been heard since this daemon started: is it switched on, and the radio?"]
    if known.aircraft_age_s > STALE_S:
        flying = "" if known.aircraft.armed is False else "; it comes back by itself when it no longer hears the vehicle"
        return [f"the link is lost: the aircraft was last heard {duration(known.aircraft_age_s)} ago{flying}"]
    uplink_age_s = known.aircraft.uplink_age_s
    if uplink_age_s is None or uplink_age_s > UPLINK_STALE_S:
        return ["the aircraft is heard but does not hear the vehicle: orders will not arrive; check the radio"]
    return []


def _of_the_flight(aircraft: AircraftState) -> list[str]:
    found = []
    silent_s = aircraft.autopilot_age_s
    if silent_s is None or silent_s > AUTOPILOT_SILENT_S:
        since = "has not been heard" if silent_s is None else f"is silent for {duration(silent_s)}"
        found.append(f"the autopilot {since}: nothing can be ordered; check its cable, and watch the aircraft if it is up")
    if aircraft.failsafe:
        found.append(
            "PX4 is in a failsafe and flies by its own rules: watch it; an order from you would cancel what it is doing"
        )
    elif aircraft.phase is Phase.YIELDED:
        found.append(
            "somebody else flies the aircraft, a pilot or another ground station: order hold or return to take it back"
        )
    if aircraft.other_ground_station:
        found.append(
            "another ground station is on the aircraft's link: it would not come home if we lost it; disconnect that one"
        )
    if aircraft.phase is Phase.GROUNDED:
        found.append(f"the aircraft is not secured on the roof: {aircraft.reason}")
    battery = aircraft.battery_percent
    if battery is not None and battery < BATTERY_LOW_PERCENT:
        found.append(f"the aircraft's battery is low, {battery:.0f} %: bring it home and charge it")
    return found


def _of_the_vehicle(vehicle: VehicleState, latch_stuck: str | None) -> list[str]:
    found = []
    if vehicle.position is None:
        found.append("the vehicle's own position is not known: the aircraft cannot follow it; check the GNSS receiver")
    if vehicle.latch is None or vehicle.latch_age_s is None:
        found.append("the latch has not been heard: nothing can be launched; check its cable and power")
    elif vehicle.latch_age_s > REPORT_STALE_S:
        found.append(f"the latch is silent for {duration(vehicle.latch_age_s)}: check its cable and power")
    elif not vehicle.latch.valid:
        found.append("the latch's sensors contradict each other or are broken: look at the latch, nothing can be launched")
    if latch_stuck is not None:
        found.append(latch_stuck)
    return found


def _of_vision(known: Known, aircraft: AircraftState) -> list[str]:
    if known.vision is not None and known.vision_age_s is not None and known.vision_age_s <= VISION_SILENT_S:
        found = [] if known.vision.camera_valid else [f"the camera does not see: {known.vision.reason or 'no reason is given'}"]
        down = known.vision.landing_reason
        return [*found, f"the landing camera does not see, it will land by position: {down}"] if down else found
    on_board_s = aircraft.vision_age_s
    if on_board_s is not None and on_board_s <= VISION_SILENT_S:
        return ["the picture's side of the link is silent, the camera itself works: check the radio's load"]
    return ["vision is silent: there is no picture and nothing is detected; the flight goes on without it"]
