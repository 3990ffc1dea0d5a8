"""Commands to what is carried, and the answers to them."""

from __future__ import annotations

from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import Peer

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
TEMPORARILY_REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
FAILED: int = mavlink.MAV_RESULT_FAILED
IN_PROGRESS: int = mavlink.MAV_RESULT_IN_PROGRESS
CANCELLED = 6  # MAV_RESULT_CANCELLED
PROGRESS_UNKNOWN = 255

DO_GRIPPER: int = mavlink.MAV_CMD_DO_GRIPPER
CONFIGURE: int = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE
PITCH_YAW: int = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW
MOUNT_CONTROL: int = mavlink.MAV_CMD_DO_MOUNT_CONTROL
MOUNT_CONFIGURE: int = mavlink.MAV_CMD_DO_MOUNT_CONFIGURE


class Order(NamedTuple):
    """A command with its seven parameters, None is NaN. `sender` is None for what the autopilot orders itself."""

    number: int
    params: tuple[float | None, ...]
    sender: Peer | None = None

    def value(self, place: int, default: float = 0.0) -> float:
        """Parameter 1..7, the default for NaN."""
        value = self.params[place - 1]
        return default if value is None else value


class Answer(NamedTuple):
    """A COMMAND_ACK to somebody: MAV_RESULT, and progress in percent while IN_PROGRESS."""

    to: Peer
    number: int
    result: int
    progress: int = 0
