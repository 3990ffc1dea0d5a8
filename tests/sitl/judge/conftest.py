"""One autopilot for all of these tests: the embedded one, or a real PX4, as a process of its own that MAVSDK meets by UDP."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.logging import log_subscribe

from sitl import px4
from sitl.options import HOME
from sitl.stack import stack
from tests.sitl.judge.drone import DEADLINE_S, Drone
from wire.supervise import Process, Supervisor, leashed, module

SPEED = 5.0
"""MAVSDK's own deadlines are real seconds; see docs/sitl.md for what it bears."""
PARAMETERS = {"MNT_MODE_IN": 4.0, "MNT_MODE_OUT": 0.0, "SIM_BAT_DRAIN": 86400.0}
"""A gimbal, and a battery for all the tests."""


Value = TypeVar("Value")


@contextmanager
def embedded(instance: int, folder: Path) -> Iterator[Callable[[], object]]:
    environment = px4.environment(HOME, SPEED, PARAMETERS)
    arguments = leashed(module("sitl.autopilot", "--instance", str(instance), "--folder", str(folder / "state")))
    supervisor = Supervisor([Process("autopilot", arguments, environment=environment)], print, folder)
    supervisor.start()
    try:
        yield supervisor.check
    finally:
        supervisor.stop()


@contextmanager
def real(where: str, instance: int, folder: Path) -> Iterator[Callable[[], object]]:
    with px4.Px4(where, instance, folder, px4.environment(HOME, SPEED, PARAMETERS), print) as running:
        running.wait_ready()
        yield running.ready


class Rig:
    """Starts autopilots, connects MAVSDK to them, and runs what tests ask of them in one event loop."""

    def __init__(self, where: str | None, folder: Path, runner: asyncio.Runner) -> None:
        self._where, self._folder, self._runner = where, folder, runner
        self._running: list[Callable[[], object]] = []

    @contextmanager
    def drone(self, name: str) -> Iterator[Drone]:
        instance, claim = stack.claim_instance()
        folder = self._folder / name
        folder.mkdir()
        with claim, embedded(instance, folder) if self._where is None else real(self._where, instance, folder) as check:
            self._running.append(check)
            mavsdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
            try:
                yield self.run(connected(mavsdk, instance))
            finally:
                mavsdk.destroy()
                self._running.remove(check)

    def run(self, test: Coroutine[Any, Any, Value]) -> Value:
        """Its result; the test ends at once when an autopilot has ended."""
        return self._runner.run(self._beside(test))

    async def _beside(self, test: Coroutine[Any, Any, Value]) -> Value:
        task = asyncio.create_task(test)
        try:
            while not task.done():
                for check in self._running:
                    check()
                await asyncio.wait((task,), timeout=0.5)
            return task.result()
        finally:
            task.cancel()


async def connected(mavsdk: Any, instance: int) -> Drone:
    await mavsdk.add_any_connection(f"udpin://127.0.0.1:{14540 + instance}")
    system = await mavsdk.first_autopilot(timeout_s=DEADLINE_S)
    assert system is not None, "MAVSDK found no autopilot"
    drone = Drone(system)
    await drone.ready()
    return drone


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object:
    """Tests are coroutines here, as MAVSDK's examples are."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    rig: Rig = pyfuncitem._request.getfixturevalue("rig")
    rig.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(scope="package")
def rig(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    log_subscribe(lambda *_: True)  # MAVSDK would print each connection
    where: str | None = pytestconfig.getoption("--px4")
    with asyncio.Runner() as runner:
        yield Rig(where, tmp_path_factory.mktemp("judge"), runner)


@pytest.fixture(scope="package")
def shared(rig: Rig) -> Iterator[Drone]:
    with rig.drone("shared") as drone:
        yield drone


@pytest.fixture
def drone(shared: Drone, rig: Rig) -> Iterator[Drone]:
    """On the ground, disarmed, without a mission; and put there again afterwards."""
    yield shared
    rig.run(shared.put_down())


@pytest.fixture
def doomed(rig: Rig, request: pytest.FixtureRequest) -> Iterator[Drone]:
    """A vehicle for this test alone, which may end it."""
    with rig.drone(request.node.name) as drone:
        yield drone
