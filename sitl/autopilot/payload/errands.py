"""What PX4's navigator orders whoever carries a gimbal or a camera, itself first of all.

It goes out as COMMAND_LONG, too, to any component of its own system or to a camera.
"""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.payload.orders import CONFIGURE, MOUNT_CONTROL, PITCH_YAW, Order

OWN_COMPONENT = 1
ANY_COMPONENT, CAMERA = 0, 100  # MAV_COMP_ID
_RELEASE, _UNCHANGED = -3.0, -1.0
NEUTRAL = Order(PITCH_YAW, (None, None, None, None, 2.0, 0.0, 0.0))
"""To GIMBAL_MANAGER_FLAGS_NEUTRAL."""
RELEASE = Order(CONFIGURE, (_RELEASE, _RELEASE, _UNCHANGED, _UNCHANGED, 0.0, 0.0, 0.0))
PAUSE_TRIGGER = Order(mavlink.MAV_CMD_DO_TRIGGER_CONTROL, (-1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0))
STOP_CAPTURE = Order(mavlink.MAV_CMD_IMAGE_STOP_CAPTURE, (0.0,) * 7)
_SHOOT = Order(mavlink.MAV_CMD_DO_DIGICAM_CONTROL, (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0))

_CAMERAS = frozenset(
    {
        mavlink.MAV_CMD_IMAGE_START_CAPTURE,
        mavlink.MAV_CMD_IMAGE_STOP_CAPTURE,
        mavlink.MAV_CMD_SET_CAMERA_MODE,
        mavlink.MAV_CMD_SET_CAMERA_SOURCE,
    }
)
_FIRST_CAMERA = frozenset({mavlink.MAV_CMD_VIDEO_START_CAPTURE, mavlink.MAV_CMD_VIDEO_STOP_CAPTURE, _SHOOT.number})


def stow(system: int) -> list[Order]:
    """A landing or a return begins: take the gimbal, point it ahead, let go of it."""
    return [_acquire(system), NEUTRAL, RELEASE]


def _acquire(system: int) -> Order:
    return Order(CONFIGURE, (float(system), float(OWN_COMPONENT), _UNCHANGED, _UNCHANGED, 0.0, 0.0, 0.0))


def leave_mission(*, capturing: bool) -> list[Order]:
    """The mission mode ends."""
    return [PAUSE_TRIGGER, *([STOP_CAPTURE] if capturing else []), NEUTRAL, RELEASE]


def idle(acceptance_m: float, loiter_m: float, altitude_amsl_m: float) -> Order:
    """A return has landed: PX4's item that means to do nothing goes out like a command, number 0."""
    return Order(0, (0.0, acceptance_m, loiter_m, None, 0.0, 0.0, altitude_amsl_m))


def from_mission(order: Order, system: int) -> list[Order]:
    """A mission item's command as it goes out: a single picture is asked for in the old way, a gimbal is taken first."""
    if order.number == mavlink.MAV_CMD_IMAGE_START_CAPTURE and int(order.value(3)) == 1:
        return [_SHOOT]
    return [_acquire(system), order] if order.number == MOUNT_CONTROL else [order]


def component(order: Order) -> int:
    """To whom it goes, of the own system."""
    if order.number in _FIRST_CAMERA:
        return CAMERA
    if order.number not in _CAMERAS:
        return ANY_COMPONENT
    wanted = int(order.value(1))
    return wanted if 0 < wanted < 256 else CAMERA
