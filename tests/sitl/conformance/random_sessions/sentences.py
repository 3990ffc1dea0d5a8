"""What somebody says to an autopilot, drawn at random: commands, setpoints, parameters, requests."""

from __future__ import annotations

import math
import random
import struct
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters, ParameterType
from tests.sitl.conformance.backend import HOME
from wire.geo import Ned, Position, offset

NAN = math.nan
COMPANION, GROUND = "companion", "ground"
AUTOPILOT = 1
_TYPES = Parameters()


class Say(NamedTuple):
    """Who says what. `message` has target system 1, which stands for the autopilot's own; its sender has a name.

    `times` and `every_s` repeat it. `plan` is a transfer of one instead, `heart` starts or stops the heartbeats.
    """

    who: str
    message: Any = None
    times: int = 1
    every_s: float = 0.0
    plan: Any = None
    heart: bool | None = None

    def __str__(self) -> str:
        what = f"heartbeats {self.heart}" if self.plan is None else str(self.plan)
        what = what if self.message is None else brief(self.message)
        return f"{self.who}: {what}" + (f" x{self.times} every {self.every_s}" if self.times > 1 else "")


def brief(message: Any) -> str:
    """On one line, commands by name."""
    if not hasattr(message, "param1"):
        return str(message)
    name = mavlink.enums["MAV_CMD"].get(message.command)
    last = ("param5", "param6", "param7") if hasattr(message, "param5") else ("x", "y", "z")
    values = [getattr(message, field) for field in ("param1", "param2", "param3", "param4", *last)]
    where = f" to {message.target_system}/{message.target_component}"
    frame = f" frame {message.frame}" if hasattr(message, "frame") else ""
    return f"{name.name if name else message.command} ({', '.join(f'{v:.9g}' for v in values)}){frame}{where}"


def who(rng: random.Random) -> str:
    return rng.choice((COMPANION, COMPANION, GROUND))


def place(rng: random.Random, most_m: float = 60.0) -> Position:
    """Somewhere around the start, 3 to 40 m above it."""
    north, east = rng.uniform(-most_m, most_m), rng.uniform(-most_m, most_m)
    return offset(HOME, Ned(round(north), round(east), -float(rng.randint(3, 40))))


def long(number: int, *params: float, component: int = AUTOPILOT, system: int = 1) -> Any:
    values = (*params, *([0.0] * (7 - len(params))))
    return mavlink.MAVLink_command_long_message(system, component, number, 0, *values)


def placed(number: int, first: tuple[float, ...], where: Position | None, rng: random.Random) -> Any:
    """With a place (None: NaN) as a COMMAND_LONG or COMMAND_INT."""
    if rng.random() < 0.5:
        latlon = (NAN, NAN, NAN) if where is None else (where.latitude_deg, where.longitude_deg, where.altitude_amsl_m)
        return long(number, *first, *latlon)
    frame = rng.choice((0, 3, 5, 6, 2, 10))
    xyz: tuple[int, int, float] = (2147483647, 2147483647, NAN)
    if where is not None:
        xyz = (round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7), where.altitude_amsl_m)
    return mavlink.MAVLink_command_int_message(1, AUTOPILOT, frame, number, 0, 0, *first, *xyz)


def one(rng: random.Random, number: int, *params: float) -> list[Say]:
    return [Say(who(rng), long(number, *params))]


# Arming, modes


def arming(rng: random.Random) -> list[Say]:
    wanted = rng.choice((0.0, 1.0, 1.0, 1.0, 2.0, 0.6, NAN, -1.0))
    magic = rng.choice((0.0, 0.0, 0.0, 0.0, 21196.0, 2989.0, 21195.0))
    return one(rng, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, wanted, magic)


def launch(rng: random.Random) -> list[Say]:
    """One of the ways to get into the air."""
    up = HOME.altitude_amsl_m + rng.choice((5.0, 10.0, 20.0))
    off = Say(COMPANION, long(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, NAN, NAN, NAN, up))
    arm = Say(COMPANION, long(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1))
    mode = Say(GROUND, long(mavlink.MAV_CMD_DO_SET_MODE, 1, 4, 2))
    return rng.choice(([off, arm], [arm, off], [mode, arm], [arm, mode]))


def mode(rng: random.Random) -> list[Say]:
    kind = rng.random()
    if kind < 0.1:
        return one(rng, mavlink.MAV_CMD_DO_SET_STANDARD_MODE, float(rng.randint(0, 9)))
    pairs = [
        (1, 0),
        (2, 0),
        (3, 0),
        (3, 1),
        (3, 2),
        (4, 0),
        (4, 1),
        (4, 2),
        (4, 3),
        (4, 3),
        (4, 4),
        (4, 5),
        (4, 6),
        (4, 8),
        (4, 9),
    ]
    pairs += [(4, 7), (4, 10), (4, 11), (4, 30), (5, 0), (6, 0), (6, 0), (7, 0), (8, 0), (9, 0), (11, 0), (0, 0)]
    main, sub = rng.choice(pairs)
    if kind < 0.2:
        flags = rng.choice((1, 1, 0, 29, 81, 209, 157))
        return [Say(who(rng), mavlink.MAVLink_set_mode_message(1, flags, main << 16 | sub << 24))]
    base = rng.choice((1.0,) * 8 + (0.0, 4.0, 64.0, 81.0, 29.0, 129.0, NAN))
    return one(rng, mavlink.MAV_CMD_DO_SET_MODE, base, float(main), float(sub))


def plain(rng: random.Random) -> list[Say]:
    number = rng.choice(
        (
            mavlink.MAV_CMD_NAV_LAND,
            mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH,
            mavlink.MAV_CMD_NAV_LOITER_UNLIM,
            mavlink.MAV_CMD_NAV_LAND_LOCAL,
            mavlink.MAV_CMD_DO_PAUSE_CONTINUE,
            mavlink.MAV_CMD_MISSION_START,
            mavlink.MAV_CMD_MISSION_START,
        )
    )
    first, second = rng.choice(((0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (2.0, 3.0), (NAN, NAN), (99.0, 0.0)))
    return one(rng, number, first, second)


# Places


def take_off(rng: random.Random) -> list[Say]:
    where = rng.choice((None, None, HOME, place(rng)))
    altitude = rng.choice((NAN, 40.0, 45.0, 55.0, 0.0, 36.0, -20.0))
    latlon = (NAN, NAN) if where is None else (where.latitude_deg, where.longitude_deg)
    yaw = rng.choice((NAN, 0.0, 90.0))
    if rng.random() < 0.2:
        here = HOME if where is None else where
        return [Say(who(rng), placed(mavlink.MAV_CMD_NAV_TAKEOFF, (0.0, 0.0, 0.0, yaw), here, rng))]
    return one(rng, mavlink.MAV_CMD_NAV_TAKEOFF, 0.0, 0.0, 0.0, yaw, *latlon, altitude)


def reposition(rng: random.Random) -> list[Say]:
    where = rng.choice((place(rng), place(rng, 10.0), None, place(rng, 200.0)))
    flags = rng.choice((1.0,) * 8 + (0.0, 3.0, 2.0, NAN))
    speed = rng.choice((-1.0, -1.0, 0.0, 3.0, 8.0, NAN, 50.0))
    yaw = rng.choice((NAN, NAN, 0.0, 1.5, -3.0, 7.0))
    first = (speed, flags, rng.choice((0.0, 0.0, 20.0, NAN)), yaw)
    message = placed(mavlink.MAV_CMD_DO_REPOSITION, first, where, rng)
    if where is not None and rng.random() < 0.3:
        altitude = rng.choice((NAN, where.altitude_amsl_m, 50.0))
        if rng.random() < 0.5:
            message = long(mavlink.MAV_CMD_DO_REPOSITION, *first, NAN, NAN, altitude)
        else:
            message = long(mavlink.MAV_CMD_DO_REPOSITION, *first, where.latitude_deg, where.longitude_deg, altitude)
    return [Say(who(rng), message)]


def orbit(rng: random.Random) -> list[Say]:
    radius = rng.choice((10.0, 20.0, -15.0, 30.0, NAN, 0.5, 2000.0, 0.0, 5.0))
    speed = rng.choice((2.0, 3.0, 5.0, -4.0, NAN, 20.0, 0.0))
    behaviour = rng.choice((0.0, 1.0, 2.0, 3.0, 4.0, NAN, 7.0))
    where = rng.choice((None, HOME._replace(altitude_amsl_m=50.0), place(rng, 30.0)))
    message = placed(mavlink.MAV_CMD_DO_ORBIT, (radius, speed, behaviour, rng.choice((0.0, 2.0, NAN))), where, rng)
    if rng.random() < 0.2 and where is not None:
        message = long(mavlink.MAV_CMD_DO_ORBIT, radius, speed, behaviour, 0.0, where.latitude_deg, where.longitude_deg, NAN)
    return [Say(who(rng), message)]


def speed_and_altitude(rng: random.Random) -> list[Say]:
    if rng.random() < 0.6:
        kind, speed = rng.choice((0.0, 1.0, 2.0, 3.0)), rng.choice((2.0, 5.0, 12.0, -1.0, -2.0, NAN, 0.0))
        return one(rng, mavlink.MAV_CMD_DO_CHANGE_SPEED, kind, speed, rng.choice((-1.0, 50.0, NAN)))
    altitude = rng.choice((42.0, 50.0, 60.0, 35.0, NAN, 0.0))
    return one(rng, mavlink.MAV_CMD_DO_CHANGE_ALTITUDE, altitude, rng.choice((0.0, 0.0, 1.0, 3.0)))


def home(rng: random.Random) -> list[Say]:
    number = mavlink.MAV_CMD_DO_SET_HOME
    where = rng.choice((HOME, place(rng), None))
    if rng.random() < 0.4:
        return one(rng, number, 1.0)
    angles = rng.choice(((0.0, 0.0, 0.0), (0.0, 0.0, NAN), (0.0, 0.0, 90.0), (NAN, NAN, NAN)))
    return [Say(who(rng), placed(number, (0.0, *angles), where, rng))]


def region_of_interest(rng: random.Random) -> list[Say]:
    number = rng.choice(
        (
            mavlink.MAV_CMD_DO_SET_ROI_LOCATION,
            mavlink.MAV_CMD_DO_SET_ROI_NONE,
            mavlink.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET,
            mavlink.MAV_CMD_DO_SET_ROI,
            mavlink.MAV_CMD_DO_SET_ROI_SYSID,
        )
    )
    return [Say(who(rng), placed(number, (rng.choice((0.0, 1.0, 3.0, 4.0)), 0.0, 0.0, 0.0), place(rng), rng))]


# Parameters, messages

PARAMETERS: dict[str, tuple[float, ...]] = {
    "MPC_XY_CRUISE": (3.0, 8.0),
    "MPC_XY_VEL_MAX": (4.0, 12.0),
    "MPC_Z_V_AUTO_UP": (1.0, 5.0),
    "MPC_Z_V_AUTO_DN": (0.8, 2.5),
    "MPC_LAND_SPEED": (0.4, 1.0),
    "MPC_TKO_SPEED": (1.0, 3.0),
    "MIS_TAKEOFF_ALT": (2.5, 6.0, 15.0),
    "RTL_RETURN_ALT": (10.0, 20.0, 60.0),
    "RTL_DESCEND_ALT": (5.0, 10.0),
    "RTL_LAND_DELAY": (0.0, 2.0, -1.0),
    "RTL_MIN_DIST": (1.0, 5.0, 30.0),
    "RTL_CONE_ANG": (0, 45, 90),
    "NAV_ACC_RAD": (1.0, 5.0),
    "NAV_DLL_ACT": (0, 1, 2, 3, 5),
    "COM_DL_LOSS_T": (5, 10),
    "COM_OBL_RC_ACT": (0, 2, 3, 4, 5),
    "COM_OF_LOSS_T": (0.5, 1.0, 2.0),
    "COM_LOW_BAT_ACT": (0, 2, 3),
    "COM_DISARM_LAND": (-1.0, 2.0, 5.0),
    "COM_DISARM_PRFLT": (-1.0, 5.0, 10.0),
    "COM_ARM_WO_GPS": (0, 1, 2),
    "COM_RC_IN_MODE": (0, 1, 3, 4),
    "COM_FAIL_ACT_T": (0.0, 2.0, 5.0),
    "GF_ACTION": (0, 1, 2, 3, 4, 5),
    "GF_MAX_HOR_DIST": (0.0, 25.0),
    "GF_MAX_VER_DIST": (0.0, 15.0),
    "MIS_DIST_1WP": (100.0, 500.0),
    "RTL_PLD_MD": (0, 1, 2),
    "PLD_BTOUT": (2.0, 5.0),
    "SIM_BAT_DRAIN": (20.0, 60.0),
    "SIM_GPS_USED": (0, 10),
    "SYS_FAILURE_EN": (0, 1),
    "PD_GRIPPER_TO": (1.0, 3.0),
    "MC_ORBIT_RAD_MAX": (50.0, 1000.0),
    "MPC_YAW_MODE": (0, 1, 2, 3, 4),
    "SDLOG_MODE": (0, 1),
}


def parameter(rng: random.Random) -> list[Say]:
    name = rng.choice(list(PARAMETERS))
    kind = rng.random()
    if kind < 0.2:
        index = rng.choice((-1, -1, 0, 10, 5000))
        named = rng.choice((name, name, "NO_SUCH", "_HASH_CHECK")) if index < 0 else ""
        return [Say(who(rng), mavlink.MAVLink_param_request_read_message(1, AUTOPILOT, named.encode(), index))]
    value = rng.choice(PARAMETERS[name])
    own = _TYPES.type_of(name) if name in _TYPES else ParameterType.REAL32
    told = rng.choice((own,) * 9 + (9 if own == 6 else 6,))
    sent = struct.unpack("<f", struct.pack("<i", int(value)))[0] if told == ParameterType.INT32 else float(value)
    if kind < 0.25:
        name = "NO_SUCH_PARAM"
    return [Say(who(rng), mavlink.MAVLink_param_set_message(1, AUTOPILOT, name.encode(), sent, told))]


def number_of_message(rng: random.Random) -> int:
    """Mostly one that PX4 knows."""
    return rng.choice((rng.choice(sorted(mavlink.mavlink_map)), rng.randint(0, 450), rng.choice(_COMMON)))


_COMMON: tuple[int, ...] = (
    *(0, 1, 2, 4, 8, 24, 30, 31, 32, 33, 36, 42, 44, 49, 65, 74, 77, 83, 85, 87),
    *(105, 140, 141, 147, 148, 160, 225, 230, 231, 241, 242, 244, 245, 253, 259, 261, 263, 264, 265, 280),
    *(281, 284, 285, 286, 300, 310, 330, 331, 340, 360, 370, 375, 380, 395, 397, 410, 411, 435, 436, 437),
)


def request(rng: random.Random) -> list[Say]:
    kind = rng.random()
    if kind < 0.7:
        return one(rng, mavlink.MAV_CMD_REQUEST_MESSAGE, float(number_of_message(rng)), float(rng.choice((0, 0, 1, 3, 99))))
    number = rng.choice(
        (
            mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES,
            mavlink.MAV_CMD_REQUEST_PROTOCOL_VERSION,
            mavlink.MAV_CMD_GET_HOME_POSITION,
            mavlink.MAV_CMD_REQUEST_FLIGHT_INFORMATION,
            mavlink.MAV_CMD_REQUEST_STORAGE_INFORMATION,
            mavlink.MAV_CMD_REQUEST_CAMERA_INFORMATION,
            mavlink.MAV_CMD_RUN_PREARM_CHECKS,
        )
    )
    return one(rng, number, float(rng.choice((0, 1, 2))))


def interval(rng: random.Random) -> list[Say]:
    number = float(number_of_message(rng))
    if rng.random() < 0.3:
        return one(rng, mavlink.MAV_CMD_GET_MESSAGE_INTERVAL, number)
    wanted = rng.choice((-1.0, 0.0, 100000.0, 200000.0, 1000000.0, 50000.0, NAN, 30000.0))
    return one(rng, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, number, wanted, 0.0, 0.0, 0.0, 0.0, rng.choice((0.0, 0.0, 1.0, 2.0)))


# Guidance

_VELOCITY, _POSITION, _BOTH, _NOTHING = 0b110111000111, 0b110111111000, 0b110111000000, 0b110111111111
_YAW, _RATE, _LOITER = 0b010000000000, 0b100000000000, 0x3000


def offboard(rng: random.Random) -> list[Say]:
    """Setpoints for a while, and half the time the mode."""
    mask = rng.choice((_VELOCITY, _VELOCITY, _POSITION, _POSITION, _BOTH, _NOTHING, 0, 0b111111111111, _VELOCITY | 512))
    mask &= ~rng.choice((0, 0, _YAW, _RATE))
    frame = rng.choice((1, 1, 1, 8, 7, 9, 0, 12))
    position = (rng.uniform(-20, 20), rng.uniform(-20, 20), -rng.uniform(5, 20))
    velocity = (rng.uniform(-3, 3), rng.uniform(-3, 3), rng.choice((0.0, -0.5, 0.5, NAN)))
    values = (*position, *velocity, 0.0, 0.0, 0.0, rng.uniform(-3, 3), 0.3)
    kind = rng.random()
    if kind < 0.7:
        message = mavlink.MAVLink_set_position_target_local_ned_message(0, 1, AUTOPILOT, frame, mask, *values)
    elif kind < 0.9:
        where, frame = place(rng), rng.choice((5, 6, 11, 0, 3, 1))
        spot = (round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7), rng.choice((50.0, 15.0)))
        message = mavlink.MAVLink_set_position_target_global_int_message(0, 1, AUTOPILOT, frame, mask, *spot, *values[3:])
    else:
        level = [1.0, 0.0, 0.0, 0.0]
        message = mavlink.MAVLink_set_attitude_target_message(0, 1, AUTOPILOT, rng.choice((7, 0, 128, 64)), level, 0, 0, 0, 0.5)
    said = [Say(COMPANION, message, rng.choice((1, 20, 60, 100)), rng.choice((0.05, 0.1, 0.2)))]
    if rng.random() < 0.6:
        said.append(Say(COMPANION, long(mavlink.MAV_CMD_DO_SET_MODE, 1, 6)))
    return said


def target(rng: random.Random) -> list[Say]:
    if rng.random() < 0.5:
        spot, frame = (rng.uniform(-5, 5), rng.uniform(-5, 5), 0.0), rng.choice((1, 1, 1, 12, 8))
        message = mavlink.MAVLink_landing_target_message(
            0, 0, frame, 0.0, 0.0, 0.0, 0.0, 0.0, *spot, [1.0, 0.0, 0.0, 0.0], 0, rng.choice((1, 1, 0))
        )
        return [Say(COMPANION, message, rng.choice((10, 100)), 0.1)]
    where = place(rng, 30.0)
    spot_e7 = round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7)
    vel = [rng.uniform(-2, 2), rng.uniform(-2, 2), 0.0]
    message = mavlink.MAVLink_follow_target_message(
        0, 3, *spot_e7, HOME.altitude_amsl_m, vel, [0.0] * 3, [1.0, 0.0, 0.0, 0.0], [0.0] * 3, [0.0] * 3, 0
    )
    return [Say(who(rng), message, rng.choice((5, 40)), 0.5)]


def payload(rng: random.Random) -> list[Say]:
    if rng.random() < 0.5:
        return one(rng, mavlink.MAV_CMD_DO_GRIPPER, rng.choice((0.0, 1.0, 2.0)), rng.choice((0.0, 1.0, 2.0, NAN)))
    number = rng.choice(
        (
            mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE,
            mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
            mavlink.MAV_CMD_DO_MOUNT_CONTROL,
            mavlink.MAV_CMD_DO_MOUNT_CONFIGURE,
            mavlink.MAV_CMD_DO_SET_ACTUATOR,
            mavlink.MAV_CMD_DO_SET_SERVO,
        )
    )
    return one(rng, number, rng.choice((0.0, -2.0, 1.0)), rng.choice((0.0, 10.0)), 0.0, 0.0, 0.0, 0.0, rng.choice((0.0, 2.0)))


def failure(rng: random.Random) -> list[Say]:
    unit, kind = rng.choice((100, 100, 101, 0, 1, 4, 102, 103, 104)), rng.choice((0, 0, 1, 1, 4, 5, 99))
    return one(rng, mavlink.MAV_CMD_INJECT_FAILURE, float(unit), float(kind), float(rng.choice((0, 0, 1, 9))))


def oddity(rng: random.Random) -> list[Say]:
    """Commands nobody expects, to whom they do not belong."""
    kind = rng.random()
    number = rng.choice((rng.choice(sorted(mavlink.enums["MAV_CMD"])), rng.randint(0, 600)))
    if number in _NOT_HERE:
        number = mavlink.MAV_CMD_DO_FENCE_ENABLE
    if kind < 0.6:
        return one(rng, number, rng.choice((0.0, 1.0, NAN)), rng.choice((0.0, 1.0)))
    number = rng.choice((mavlink.MAV_CMD_DO_SET_MODE, mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAV_CMD_DO_CHANGE_SPEED))
    params = {176: (1.0, 4.0, 3.0), 512: (148.0,), 178: (1.0, 3.0)}[number]
    system, component = rng.choice(((0, 0), (0, 1), (1, 0), (1, 0), (1, 25), (77, 1), (77, 0)))
    return [Say(who(rng), long(number, *params, component=component, system=system))]


_NOT_HERE = {mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, mavlink.MAV_CMD_DO_FLIGHTTERMINATION, mavlink.MAV_CMD_PREFLIGHT_STORAGE}
"""They end the session: cases of their own look at them."""
_NOT_HERE |= {mavlink.MAV_CMD_PREFLIGHT_CALIBRATION}


def clock(rng: random.Random) -> list[Say]:
    if rng.random() < 0.5:
        return [Say(who(rng), mavlink.MAVLink_timesync_message(rng.choice((0, 0, 5)), rng.randint(1, 10**9)))]
    to = rng.choice(((0, 0), (1, 1), (1, 0), (0, 1)))
    return [Say(who(rng), mavlink.MAVLink_ping_message(rng.randint(1, 10**9), rng.randint(0, 9), *to))]


def heartbeats(rng: random.Random) -> list[Say]:
    return [Say(rng.choice((COMPANION, GROUND)), heart=rng.random() < 0.5)]
