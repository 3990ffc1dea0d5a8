"""Messages of the gimbal manager, which acts as the gimbal device as well; nothing without one."""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.telemetry.sources import Message, Sources
from wire.geo import quaternion_from_euler

DEVICE = 1
# has neutral, roll lock, pitch axis and lock, yaw axis and lock, can point to a place on Earth
CAPABILITIES = 0x2 | 0x10 | 0x20 | 0x80 | 0x100 | 0x400 | 0x20000


def manager_information(src: Sources) -> Message | None:
    gimbal, get = src.pilot.payload.gimbal, src.pilot.parameters
    if not gimbal.manager:
        return None
    pitch, yaw = get["MNT_RANGE_PITCH"], get["MNT_RANGE_YAW"]  # degrees, where MAVLink says radians
    angles = (0.0, 0.0, -pitch, pitch, -yaw, yaw)
    return mavlink.MAVLink_gimbal_manager_information_message(src.boot_ms, CAPABILITIES, DEVICE, *angles)


def manager_status(src: Sources) -> Message | None:
    gimbal = src.pilot.payload.gimbal
    if not gimbal.manager:
        return None
    return mavlink.MAVLink_gimbal_manager_status_message(src.boot_ms, gimbal.flags, DEVICE, *gimbal.primary, 0, 0)


def device_attitude_status(src: Sources) -> Message | None:
    gimbal = src.pilot.payload.gimbal
    if not gimbal.present:
        return None
    quaternion = list(quaternion_from_euler(*gimbal.angles))
    return mavlink.MAVLink_gimbal_device_attitude_status_message(
        *(0, 0, src.boot_ms, gimbal.flags, quaternion, 0.0, 0.0, 0.0, 0),
        gimbal_device_id=DEVICE,
    )


def mount_orientation(src: Sources) -> Message | None:
    gimbal = src.pilot.payload.gimbal
    if not gimbal.present:
        return None
    roll, pitch, yaw = (math.degrees(angle) for angle in gimbal.angles)
    heading = math.degrees(src.pilot.flight.estimate.yaw_rad)
    return mavlink.MAVLink_mount_orientation_message(src.boot_ms, roll, pitch, yaw, (heading + yaw) % 360.0)
