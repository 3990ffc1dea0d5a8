"""Vehicles for the cases: `vehicle` stands on the ground, ready; `start` starts one the way a case wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.starting import TIMEOUTS_SCALED_BY_SPEED
from tests.sitl.conformance.backend import HOME, SEED, Backend, Embedded, Setup
from tests.sitl.conformance.real import RealPx4, free_instance
from tests.sitl.conformance.vehicle import Vehicle
from wire.geo import Position

Start = Callable[..., Vehicle]


class Hangar:
    """Starts vehicles and ends them all. A real PX4 that was left as it was found is used again: booting takes 5 s."""

    def __init__(self, px4: str | None, instance: int | None, speed: float) -> None:
        self._px4, self._instance, self._speed = px4, instance, speed
        self._open: list[Backend] = []
        self._shared: Vehicle | None = None

    def shared(self) -> Vehicle:
        """A vehicle on the ground in LOITER, ready, with companion and ground station; its logs are empty."""
        vehicle = self._shared
        if vehicle is None or not _tidied(vehicle):
            vehicle = self._shared = self.start()
        for log in vehicle.logs.values():
            log.clear()
        vehicle.run(1.2)
        return vehicle

    def start(
        self,
        parameters: Mapping[str, float] | None = None,
        *,
        home: Position = HOME,
        speed: float | None = None,
        beside: int = 0,
        seed: int = SEED,
        companion: bool = True,
        ground: bool = True,
        ready: bool = True,
    ) -> Vehicle:
        """A freshly booted vehicle; `ready` waits until it could be armed, `companion` and `ground` have heartbeats.

        `beside=1` is a second vehicle beside a first. `speed` is PX4's factor with its scaled time-outs; without it time
        passes as fast as is good for the test and time-outs are PX4's defaults.
        """
        if beside == 0:
            self.close()
        factor = speed or (self._speed if self._px4 else 1.0)
        setup = Setup(dict(parameters or {}), home, factor, beside, seed)
        vehicle = Vehicle(self._backend(setup), home, companion=companion, ground=ground)
        if ready:
            vehicle.wait_ready()
            vehicle.wait_parameters()
            if speed is None and factor != 1.0:
                _unscale(vehicle, setup.parameters)
        return vehicle

    def _backend(self, setup: Setup) -> Backend:
        if self._px4 is None:
            backend: Backend = Embedded(setup)
        else:
            self._instance = free_instance() if self._instance is None else self._instance
            backend = RealPx4(setup, where=Path(self._px4).expanduser(), instance=self._instance)
        self._open.append(backend)
        return backend

    def keep(self) -> None:
        """After a case: an embedded vehicle is not used again, so that no case depends on another."""
        if self._shared is None or not self._shared.real or self._shared.backend not in self._open or len(self._open) > 1:
            self.close()

    def close(self) -> None:
        """End all."""
        self._shared = None
        while self._open:
            self._open.pop().close()


def _unscale(vehicle: Vehicle, wanted: Mapping[str, float]) -> None:
    defaults = Parameters()
    for name in TIMEOUTS_SCALED_BY_SPEED:
        vehicle.put(name, wanted.get(name, defaults[name]))


def _tidied(vehicle: Vehicle) -> bool:
    """Bring a vehicle that stands disarmed on the ground back to how it was found; False if that is not so."""
    try:
        vehicle.run(1.2)
        if vehicle.armed or vehicle.landed_state != 1 or vehicle.status == mavlink.MAV_STATE_FLIGHT_TERMINATION:
            return False
        for name, value in vehicle.changed.items():
            vehicle.put(name, value)
        vehicle.changed.clear()
        del vehicle.stations[2:]
        vehicle.companion.heartbeats = vehicle.ground.heartbeats = True
        vehicle.set_mode("LOITER")
        vehicle.wait_ready()
    except AssertionError:
        return False
    return True


@pytest.fixture(scope="session")
def hangar(request: pytest.FixtureRequest) -> Iterator[Hangar]:
    """Where vehicles come from."""
    option = request.config.getoption
    hangar = Hangar(option("--px4"), option("--px4-instance"), option("--px4-speed"))
    yield hangar
    hangar.close()


@pytest.fixture
def vehicle(hangar: Hangar) -> Iterator[Vehicle]:
    """On the ground in LOITER, ready to arm, companion and ground station with heartbeats."""
    yield hangar.shared()
    hangar.keep()


@pytest.fixture
def start(hangar: Hangar) -> Iterator[Start]:
    """Hangar.start: a freshly booted vehicle, as the case wants it."""
    yield hangar.start
    hangar.close()
