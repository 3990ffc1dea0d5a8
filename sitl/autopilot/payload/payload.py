"""Gripper and gimbal together: which commands they take, what they answer, what the flight does to them."""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.flight import Flight
from sitl.autopilot.navigator.mission import Mission
from sitl.autopilot.navigator.rtl import Return
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload import errands
from sitl.autopilot.payload.gimbal import Angles, Gimbal, Surroundings
from sitl.autopilot.payload.gripper import Gripper
from sitl.autopilot.payload.orders import (
    CONFIGURE,
    DO_GRIPPER,
    MOUNT_CONFIGURE,
    MOUNT_CONTROL,
    PITCH_YAW,
    Answer,
    Order,
)
from sitl.autopilot.plans.missions import ROI_NEXT, ROI_NONE, ROI_PLACE, Missions, RegionOfInterest
from sitl.autopilot.protocol.links import Peer
from wire.geo import Quaternion, quaternion_from_euler

_STOWING = (Mode.LAND, Mode.RETURN)


class Payload:
    """Takes orders; `taken` hands out the answers that are due, in order."""

    def __init__(self, parameters: Parameters, flight: Flight) -> None:
        self.gripper = Gripper(parameters)
        self.gimbal = Gimbal(parameters)
        self._parameters = parameters
        self._flight = flight
        self._answers: list[Answer] = []
        self._errands: list[Order] = []
        self._roi = RegionOfInterest(ROI_NONE)
        self._mode: Mode | None = None
        self._mission: Mission | None = None
        self._was_landed = True
        self._capturing = False
        self._gimbal_does = {
            CONFIGURE: self.gimbal.configure,
            PITCH_YAW: lambda order: self.gimbal.pitch_yaw(order, flight.now_s),
            MOUNT_CONTROL: self.gimbal.mount_control,
            MOUNT_CONFIGURE: self.gimbal.mount_configure,
        }

    def takes(self, number: int) -> bool:
        """Whether a command is for what is carried. Without a gimbal nobody takes its commands."""
        return number == DO_GRIPPER or (number in self._gimbal_does and self.gimbal.takes(number))

    def order(self, order: Order) -> int | None:
        """Do what was taken; a result to answer with at once, None if `taken` has it."""
        if order.number != DO_GRIPPER:
            return self._gimbal_does[order.number](order)
        self._answers += self.gripper.order(order, self._flight.now_s)
        return None

    def hear(self, message: mavlink.MAVLink_message, sender: Peer) -> bool:
        """GIMBAL_MANAGER_SET_ATTITUDE or SET_MANUAL_CONTROL; False if it is neither."""
        if isinstance(message, mavlink.MAVLink_gimbal_manager_set_attitude_message):
            rates = (message.angular_velocity_x, message.angular_velocity_y, message.angular_velocity_z)
            attitude = _unit(message.q)
        elif isinstance(message, mavlink.MAVLink_gimbal_manager_set_manual_control_message):
            rates = self._manual_rates(message.pitch_rate, message.yaw_rate)
            ahead = math.isfinite(message.pitch) and math.isfinite(message.yaw)
            attitude = quaternion_from_euler(0.0, message.pitch, message.yaw) if ahead else None
        else:
            return False
        if self.gimbal.manager:
            a, b, c = (rate if math.isfinite(rate) else 0.0 for rate in rates)
            self.gimbal.attitude(sender, message.flags, attitude, (a, b, c), self._flight.now_s)
        return True

    def _manual_rates(self, pitch: float, yaw: float) -> Angles:
        """Shares of the fastest rates; both or none."""
        if not self.gimbal.manager or not (math.isfinite(pitch) and math.isfinite(yaw)):
            return 0.0, 0.0, 0.0
        fastest = [math.radians(self._parameters[name]) for name in ("MNT_RATE_PITCH", "MNT_RATE_YAW")]
        return 0.0, pitch * fastest[0], yaw * fastest[1]

    def taken(self) -> list[Answer]:
        """The answers since the last call."""
        answers, self._answers = self._answers, []
        return answers

    def errand(self, order: Order) -> None:
        """The autopilot's own order, already obeyed here: it goes out as well."""
        if order.number in (mavlink.MAV_CMD_IMAGE_START_CAPTURE, mavlink.MAV_CMD_IMAGE_STOP_CAPTURE):
            self._capturing = order.number == mavlink.MAV_CMD_IMAGE_START_CAPTURE
        self._errands.append(order)

    def taken_errands(self) -> list[Order]:
        """What the autopilot ordered since the last call."""
        orders, self._errands = self._errands, []
        return orders

    def update(self, missions: Missions, dt_s: float) -> None:
        """Time passes; a mission's region of interest is a new object each time one is commanded."""
        self._answers += self.gripper.update(self._flight.now_s)
        self._run_errands(missions)
        if self.gimbal.present:
            if self.gimbal.looks_at_regions:
                self._steer(missions.roi)
            estimate = self._flight.estimate
            attitude = (estimate.roll_rad, estimate.pitch_rad, estimate.yaw_rad)
            around = Surroundings(self._flight.position, attitude, self._flight.landed)
            self.gimbal.update(around, self._flight.now_s, dt_s)

    def _run_errands(self, missions: Missions) -> None:
        """What beginning and ending modes mean for gimbal and camera."""
        flight, before, mission = self._flight, self._mode, self._mission
        self._mode = flight.mode if flight.armed else None
        self._mission = flight.task if flight.armed and isinstance(flight.task, Mission) else None
        stowing = missions.taken_landing_approach() or (before is not self._mode and self._mode in _STOWING)
        if mission is not None and mission is not self._mission:
            self._order_oneself(errands.leave_mission(capturing=self._capturing))
            self._capturing = False
        if stowing:
            self._order_oneself(errands.stow(self.gimbal.ourselves.system))
        if self._mode is Mode.RETURN and flight.landed and not self._was_landed and isinstance(flight.task, Return):
            get = self._parameters
            altitude_amsl_m = flight.geodetic(flight.task.destination_m).altitude_amsl_m
            self._errands.append(errands.idle(get["NAV_ACC_RAD"], get["NAV_LOITER_RAD"], altitude_amsl_m))
        self._was_landed = flight.landed

    def _order_oneself(self, orders: list[Order]) -> None:
        for order in orders:
            if self.takes(order.number):
                self.order(order)
        self._errands += orders

    def _steer(self, roi: RegionOfInterest) -> None:
        """What regions of interest do to the gimbal."""
        if roi is not self._roi:
            self._roi = roi
            if roi.mode == ROI_PLACE and roi.place is not None:
                self.gimbal.look_at(roi.place)
            elif roi.mode == ROI_NONE:
                self.gimbal.neutral()
        target_m = self._flight.task.target_m
        if self._roi.mode == ROI_NEXT and target_m is not None:
            self.gimbal.look_at(self._flight.geodetic(target_m))


def _unit(parts: list[float]) -> Quaternion | None:
    """The quaternion of a direction, None if there is none in it."""
    norm = math.sqrt(sum(part * part for part in parts))
    if not 1e-6 < norm < 1e6:
        return None
    w, x, y, z = (part / norm for part in parts)
    return w, x, y, z
