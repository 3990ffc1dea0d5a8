"""From MAVLink messages to the `Aircraft` snapshot that the logic sees. Pure: messages and times come in."""

from __future__ import annotations

import math
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from missions.view import Ack, Aircraft, Mode, OrbitStatus
from wire.geo import Ned, Position, Quaternion
from wire.messages import Landed

# px4_custom_mode.h: main mode, sub mode
_MODES: dict[tuple[int, int], Mode] = {
    (4, 2): Mode.TAKEOFF,
    (4, 3): Mode.HOLD,
    (4, 4): Mode.MISSION,
    (4, 5): Mode.RETURN,
    (4, 6): Mode.LAND,
    (4, 9): Mode.PRECISION_LAND,
    (3, 0): Mode.POSITION,
    (3, 1): Mode.ORBIT,
    (6, 0): Mode.OFFBOARD,
    (10, 0): Mode.TERMINATION,
}
_LANDED = {
    1: Landed.ON_GROUND,
    2: Landed.IN_AIR,
    3: Landed.TAKING_OFF,
    4: Landed.LANDING,
}
_PREARM_HEALTHY = 0x10000000  # MAV_SYS_STATUS_PREARM_CHECK; PX4 sets it in `health` only
_NO_MISSION = 65535  # MISSION_CURRENT.total when nothing is stored
_OTHER_STATION_S = 5.0
_STATUS_FRESH_S = 3.0  # SYS_STATUS comes at 2 Hz
_MODE_FRESH_S = 2.5  # PX4 sends CURRENT_MODE twice a second, and at once when its state changes
TEXT_LENGTH = 200
_HOUSEKEEPING = (mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, mavlink.MAV_CMD_REQUEST_MESSAGE)
"""Commands of which nobody waits for the answer."""


def mode_of(custom_mode: int) -> Mode:
    """PX4's custom_mode as one of ours."""
    return _MODES.get(((custom_mode >> 16) & 0xFF, (custom_mode >> 24) & 0xFF), Mode.UNKNOWN_MODE)


def _place(latitude_e7: int, longitude_e7: int, altitude_mm: int) -> Position | None:
    """A position, or None for one that is not on Earth: it would be no position to any reader of ours."""
    position = Position(latitude_e7 / 1e7, longitude_e7 / 1e7, altitude_mm / 1e3)
    on_earth = abs(position.latitude_deg) <= 90 and abs(position.longitude_deg) <= 180
    return position if on_earth and -1000 <= position.altitude_amsl_m <= 100_000 else None


class Telemetry:
    """Keeps the newest of everything. `handle` takes a decoded message; `snapshot` gives what is known now."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._seen_s: dict[str, float] = {}
        self._acks: deque[Ack] = deque(maxlen=16)
        self._modes: deque[Mode] = deque(maxlen=8)
        self._mode_changes = 0
        self.status_news = False
        """PX4 has told of its state, which may have changed in what only its heartbeat tells; until somebody asks for that."""
        self._parameters: dict[str, float] = {}
        self._texts: dict[int, dict[int, str]] = {}
        self._other_station_s: float | None = None
        self.boot_time_ms = 0
        self.attitude: Quaternion | None = None
        self.attitude_s: float | None = None
        self._handlers: dict[str, Callable[[Any, float], None]] = {
            "HEARTBEAT": self._heartbeat,
            "CURRENT_MODE": self._current_mode,
            "EXTENDED_SYS_STATE": self._extended_state,
            "SYS_STATUS": self._sys_status,
            "GLOBAL_POSITION_INT": self._position,
            "ATTITUDE_QUATERNION": self._attitude,
            "HOME_POSITION": self._home,
            "MISSION_CURRENT": self._mission,
            "ORBIT_EXECUTION_STATUS": self._orbit,
            "COMMAND_ACK": self._ack,
            "PARAM_VALUE": self._parameter,
            "STATUSTEXT": self._text,
        }

    def handle(self, message: Any, now_s: float) -> None:  # noqa: ANN401 (pymavlink is untyped)
        handler = self._handlers.get(message.get_type())
        if handler is not None:
            handler(message, now_s)

    def other_station_heard(self, now_s: float) -> None:
        self._other_station_s = now_s

    def forget_parameters(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._parameters.pop(name, None)

    def snapshot(self, now_s: float) -> Aircraft:
        get = self._values.get
        return Aircraft(
            heartbeat_age_s=self._age_s("heartbeat", now_s),
            armed=get("armed"),
            mode=get("mode"),
            modes=tuple(self._modes),
            mode_changes=self._mode_changes,
            failsafe=get("system_status") == mavlink.MAV_STATE_CRITICAL or self._diverted(now_s),
            ready_to_arm=self._newest("prearm", now_s) is True and get("system_status") == mavlink.MAV_STATE_STANDBY,
            landed=get("landed", Landed.UNKNOWN),
            landed_age_s=self._age_s("landed", now_s),
            position=get("position"),
            position_age_s=self._age_s("position", now_s),
            velocity_ned_m_s=get("velocity"),
            heading_rad=get("heading"),
            home=get("home"),
            home_local_ned=get("home_local"),
            battery_percent=self._newest("battery", now_s),
            stored_mission_items=get("mission_items"),
            orbit=get("orbit"),
            acks=tuple(self._acks),
            last_text=get("text", ""),
            last_text_s=self._seen_s.get("text"),
            parameters=dict(self._parameters),
            other_ground_station=self._other_station_s is not None and now_s - self._other_station_s < _OTHER_STATION_S,
        )

    def _age_s(self, what: str, now_s: float) -> float | None:
        seen_s = self._seen_s.get(what)
        return None if seen_s is None else now_s - seen_s

    def _newest(self, what: str, now_s: float) -> Any:  # noqa: ANN401
        """A value that comes twice a second, or None: what was true a while ago is no ground to start or to fly on."""
        age_s = self._age_s(what, now_s)
        return self._values[what] if age_s is not None and age_s <= _STATUS_FRESH_S else None

    def _diverted(self, now_s: float) -> bool:
        """Armed, and in another mode than the one it was last told: PX4 tells of a failsafe so before its heartbeat does."""
        age_s = self._age_s("diverted", now_s)
        fresh = age_s is not None and age_s <= _MODE_FRESH_S
        return fresh and self._values["diverted"] is True and self._values.get("armed") is True

    def _set(self, what: str, value: object, now_s: float) -> None:
        self._values[what], self._seen_s[what] = value, now_s

    def _heartbeat(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        if message.autopilot != mavlink.MAV_AUTOPILOT_PX4:
            return
        self._set("heartbeat", None, now_s)
        self._set("armed", bool(message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED), now_s)
        self._mode(message.custom_mode, now_s)
        self._set("system_status", message.system_status, now_s)

    def _current_mode(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self._mode(message.custom_mode, now_s)
        self.status_news = True
        self._set("diverted", message.intended_custom_mode not in (0, message.custom_mode), now_s)

    def _mode(self, custom_mode: int, now_s: float) -> None:
        mode = mode_of(custom_mode)
        if mode is not self._values.get("mode"):
            self._modes.append(mode)
            self._mode_changes += 1
        self._set("mode", mode, now_s)

    def _extended_state(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self._set("landed", _LANDED.get(message.landed_state, Landed.UNKNOWN), now_s)

    def _sys_status(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self._set("prearm", bool(message.onboard_control_sensors_health & _PREARM_HEALTHY), now_s)
        known = message.battery_remaining >= 0
        self._set("battery", float(message.battery_remaining) if known else None, now_s)

    def _position(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self.boot_time_ms = message.time_boot_ms
        position = _place(message.lat, message.lon, message.alt)
        if position is None:
            return
        self._set("position", position, now_s)
        self._set("velocity", Ned(message.vx / 100, message.vy / 100, message.vz / 100), now_s)
        self._set("heading", None if message.hdg == 65535 else math.radians(message.hdg / 100), now_s)

    def _attitude(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self.attitude, self.attitude_s = (message.q1, message.q2, message.q3, message.q4), now_s

    def _home(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        home = _place(message.latitude, message.longitude, message.altitude)
        if home is not None:
            self._set("home", home, now_s)
            local = Ned(message.x, message.y, message.z)
            self._set("home_local", local if all(math.isfinite(part) for part in local) else None, now_s)

    def _mission(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self._set("mission_items", 0 if message.total == _NO_MISSION else int(message.total), now_s)

    def _orbit(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        self._set("orbit", OrbitStatus(message.radius, now_s), now_s)

    def _ack(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        if message.command not in _HOUSEKEEPING:
            self._acks.append(Ack(message.command, message.result, now_s))

    def _parameter(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        del now_s
        value = message.param_value
        if message.param_type == mavlink.MAV_PARAM_TYPE_INT32:  # PX4 sends integers bytewise in the float
            value = struct.unpack("<i", struct.pack("<f", value))[0]
        if message.param_index != 65535 or message.param_id != "_HASH_CHECK":
            self._parameters[message.param_id] = float(value)

    def _text(self, message: Any, now_s: float) -> None:  # noqa: ANN401
        if message.severity > mavlink.MAV_SEVERITY_WARNING:
            return
        if message.chunk_seq == 0:
            self._texts.pop(message.id, None)  # ids begin anew when PX4 restarts
        parts = self._texts.setdefault(message.id, {}) if message.id else {}
        parts[message.chunk_seq] = message.text
        if len(self._texts) > 4:
            self._texts.pop(next(iter(self._texts)))
        text = "".join(parts[i] for i in sorted(parts)).strip()
        self._set("text", text[:TEXT_LENGTH], now_s)
