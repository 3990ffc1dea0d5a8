"""The only MAVLink speaker on board. One thread; nothing is sent that the logic did not just send."""

from __future__ import annotations

import math
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from missions.requests import ReadParameters, Request
from missions.view import Aircraft
from onboard.flight import commands
from onboard.flight.link import Link
from onboard.flight.telemetry import Telemetry
from wire.clock import next_due_s

HEARTBEAT_S = 1.0
STATUS_S = 0.2
"""PX4's heartbeat tells of a failsafe. It comes once a second, at no other rate, but also whenever it is asked for."""
GROUND_STATION_SYSTEM, GROUND_STATION_COMPONENT = 255, mavlink.MAV_COMP_ID_MISSIONPLANNER

STREAMS_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 20,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 20,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5,
    mavlink.MAVLINK_MSG_ID_CURRENT_MODE: 50,  # when PX4's state has changed, and twice a second
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS: 5,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 2,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: 1,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: 2,
    # what nobody here reads is switched off: it would cost half of the flight process's time
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 0,
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: 0,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 0,
    mavlink.MAVLINK_MSG_ID_ODOMETRY: 0,
    mavlink.MAVLINK_MSG_ID_ALTITUDE: 0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_TARGET: 0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: 0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: 0,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 0,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: 0,
    mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: 0,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 0,
    mavlink.MAVLINK_MSG_ID_TIMESYNC: 0,
    mavlink.MAVLINK_MSG_ID_SCALED_PRESSURE: 0,
    mavlink.MAVLINK_MSG_ID_ESTIMATOR_STATUS: 0,
}
"""What PX4 is asked to send on this link, messages a second."""

_STREAM_SPACING_S = 0.03  # PX4 handles about one command in 10 ms


class Autopilot:
    """PX4 at the other end of a link. Times are the board's clock."""

    def __init__(self, link: Link, system: int = 1, component: int = mavlink.MAV_COMP_ID_ONBOARD_COMPUTER) -> None:
        self.telemetry = Telemetry()
        self._link, self._system, self._component = link, system, component
        self._codec = mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        self._codec.robust_parsing = True
        self._station = mavlink.MAVLink(None, GROUND_STATION_SYSTEM, GROUND_STATION_COMPONENT)
        self._beat_due_s: float | None = None
        self._status_due_s = -math.inf
        self._streams_left: list[tuple[int, float]] = []
        self._stream_asked_s = 0.0
        self._boot_time_ms: int | None = None
        self.sent = 0

    def receive(self, now_s: float) -> None:
        """Take in everything that has come. Broken bytes are skipped by the parser and counted in it."""
        data = self._link.read()
        for message in (self._codec.parse_buffer(data) or []) if data else []:
            ours = (message.get_srcSystem(), message.get_srcComponent()) == (self._system, commands.AUTOPILOT_COMPONENT)
            if ours and self._for_us(message):
                self.telemetry.handle(message, now_s)
            elif message.get_type() == "HEARTBEAT" and message.type == mavlink.MAV_TYPE_GCS:
                self.telemetry.other_station_heard(now_s)

    def _for_us(self, message: Any) -> bool:  # noqa: ANN401 (pymavlink is untyped)
        """PX4 tells everybody on a link how it answered one of them; another's refusal is not ours."""
        if message.get_type() != "COMMAND_ACK":
            return True
        return message.target_system in (0, self._system) and message.target_component in (0, self._component)

    def view(self, now_s: float) -> Aircraft:
        return self.telemetry.snapshot(now_s)

    def send(self, request: Request) -> None:
        if isinstance(request, ReadParameters):
            self.telemetry.forget_parameters(request.names)
        for message in commands.messages(request, self._system):
            self._write(message)

    def tend(self, now_s: float) -> None:
        """Every round: our own heartbeat, PX4's one asked for, and its streams as we need them, also after it has restarted."""
        beat_due_s = now_s if self._beat_due_s is None else self._beat_due_s
        if now_s >= beat_due_s:
            self._beat_due_s = next_due_s(beat_due_s, now_s, HEARTBEAT_S)
            self._write(_heartbeat(mavlink.MAV_TYPE_ONBOARD_CONTROLLER))
        boot_time_ms = self.telemetry.boot_time_ms
        heard = self.telemetry.snapshot(now_s).heartbeat_age_s is not None
        if heard and (self._boot_time_ms is None or boot_time_ms < self._boot_time_ms):
            self._streams_left = list(STREAMS_HZ.items())
        self._boot_time_ms = boot_time_ms if heard else None
        if self._streams_left and now_s - self._stream_asked_s >= _STREAM_SPACING_S:
            self._stream_asked_s = now_s
            self._write(commands.interval(self._system, *self._streams_left.pop()))
        elif heard and (now_s >= self._status_due_s or self.telemetry.status_news):
            self._status_due_s, self.telemetry.status_news = now_s + STATUS_S, False
            self._write(commands.on_request(self._system, mavlink.MAVLINK_MSG_ID_HEARTBEAT))

    def relay_ground_station(self) -> None:
        """One heartbeat of a ground station: only ever on the dead man's word."""
        self._link.write(_heartbeat(mavlink.MAV_TYPE_GCS).pack(self._station))

    def _write(self, message: Any) -> None:  # noqa: ANN401 (pymavlink is untyped)
        self._link.write(message.pack(self._codec))
        self.sent += 1


def _heartbeat(kind: int) -> Any:  # noqa: ANN401
    return mavlink.MAVLink_heartbeat_message(kind, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE, 3)
