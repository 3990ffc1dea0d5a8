"""Ten autopilots in one process, in simulated time: each does to the byte what it does alone."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.wind import Wind
from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import LinkName
from wire.geo import Ned, Position, offset

HOME = Position(47.397742, 8.545594, 489.4)
READY_S, FLOWN_S, STEP_S = 5.0, 10.0, 0.02
NAN = float("nan")


class One:
    """An autopilot that is ordered to take off, to a height of its own, as soon as it may."""

    def __init__(self, instance: int) -> None:
        self.home = offset(HOME, Ned(100.0 * instance, 0.0, 0.0))
        wind = Wind(north_m_s=1.0, gust_m_s=0.2, seed=instance)
        self.autopilot = Autopilot(seed=instance, home=self.home, wind=wind, instance=instance)
        self.sent: list[tuple[str, bytes]] = []
        self._height_m = 5.0 + instance
        self._codec = mavlink.MAVLink(None, instance + 1, 191)
        self._beat_s = 0.0
        self._ordered = False

    def step(self) -> None:
        system = self._codec.srcSystem
        if self.autopilot.now_s >= self._beat_s:
            self._beat_s += 1.0
            self._tell(mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_ONBOARD_CONTROLLER, 8, 0, 0, 4, 3))
            self._tell(mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, 8, 0, 0, 4, 3))
        if not self._ordered and self.autopilot.now_s >= READY_S:
            self._ordered = True
            height_amsl_m = self.home.altitude_amsl_m + self._height_m
            self._tell(mavlink.MAVLink_command_long_message(system, 1, 22, 0, 0, 0, 0, NAN, NAN, NAN, height_amsl_m))
            self._tell(mavlink.MAVLink_command_long_message(system, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
        self.sent += [(link.name, data) for link, data in self.autopilot.step(STEP_S)]

    def _tell(self, message: mavlink.MAVLink_message) -> None:
        self.autopilot.receive(LinkName.ONBOARD, bytes(message.pack(self._codec)))


def flown(instances: range) -> dict[int, One]:
    """In turns of 20 ms."""
    ones = {instance: One(instance) for instance in instances}
    for _ in range(round(FLOWN_S / STEP_S)):
        for one in ones.values():
            one.step()
    return ones


def test_ten_in_turns_send_what_each_sends_alone() -> None:
    together = flown(range(10))
    for instance, one in together.items():
        assert one.autopilot.pilot.commander.armed
        assert {data[5] for _, data in one.sent} == {instance + 1}
    for instance in (0, 4, 9):
        assert flown(range(instance, instance + 1))[instance].sent == together[instance].sent
    assert len({tuple(one.sent) for one in together.values()}) == 10
