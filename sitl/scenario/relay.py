"""`python -m sitl.scenario.relay --config FILE`: the radio between vehicle and aircraft, where a scenario cuts it.

Bytes of each TCP connection are passed on, whatever they are. While a way is cut its connections stand still and new ones are
not made, as over a radio that is gone; what waited in the buffers arrives afterwards, late, as by TCP it does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

import zmq
from msgspec import Meta

from sitl.options import HOME
from sitl.scenario import effects
from sitl.scenario.events import LinkCut
from sitl.scenario.script import LaunchClock, Script
from sitl.scenario.telling import Teller
from wire import configuration, geo, keys
from wire.clock import Clock, SystemClock
from wire.configuration import Section
from wire.errors import LinkError, PilotfishError
from wire.messages import WorldState
from wire.sockets import Bus, Subscriber
from wire.supervise import StopFlag, die_with_parent

_LOOK_WALL_S = 0.02
_CHUNK_BYTES = 65_536
_CONNECT_WALL_S = 5.0
_HOST = "127.0.0.1"
Way = Literal["up", "down"]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Line(Section, frozen=True, kw_only=True):
    """Connections to `listen` go on to `to`. `way`: where what they carry goes."""

    listen: Port
    to: Port
    way: Way


class RelayConfig(Section, frozen=True, kw_only=True):
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    reports: str
    """The endpoint of the world's truth, by which a launch is known."""
    events: tuple[LinkCut, ...]
    keys_folder: Path
    records: Path | None = None
    clock_speed: float = 1.0


class Relay:
    """Use it in an `async with`. `cut` says which ways pass nothing."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._lines = lines
        self._open = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.cut(frozenset())

    async def __aenter__(self) -> Relay:
        for line in self._lines:
            try:
                self._servers.append(await asyncio.start_server(self._taker(line), _HOST, line.listen))
            except OSError as error:
                raise LinkError(f"the radio's port {line.listen} cannot be opened ({error.strerror})") from error
        return self

    async def __aexit__(self, *exception: object) -> None:
        for server in self._servers:
            server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def cut(self, ways: frozenset[str]) -> None:
        for way, gate in self._open.items():
            if way in ways:
                gate.clear()
            else:
                gate.set()

    def _taker(self, line: Line) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                await self._carry(line, reader, writer)
            finally:
                self._connections.discard(task)

        return take

    async def _carry(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gate = self._open[line.way]
        onward: asyncio.StreamWriter | None = None
        try:
            await gate.wait()
            async with asyncio.timeout(_CONNECT_WALL_S):
                answers, onward = await asyncio.open_connection(_HOST, line.to)
            both = [asyncio.ensure_future(_pass(reader, onward, gate)), asyncio.ensure_future(_pass(answers, writer, gate))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        except (OSError, TimeoutError):
            return  # nobody listens there yet: whoever connected tries again
        except asyncio.CancelledError:  # the end of the relay
            return
        finally:
            for each_writer in (writer, onward):
                if each_writer is not None:
                    each_writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            await gate.wait()
            writer.write(data)
            await writer.drain()


class _Watch:
    """What is cut now, by the world's truth and the clock."""

    def __init__(self, config: RelayConfig, bus: Bus, clock: Clock) -> None:
        self._truth = Subscriber(bus.connect(zmq.SUB, config.reports, "world", depth=4), bus.keyring, ("world_state",))
        self._clock, self._script, self._launch = clock, Script(config.events), LaunchClock()
        self._teller = Teller(config.records, "radio")

    def cut(self) -> frozenset[str]:
        now_s = self._clock.now_s()
        for received in self._truth.receive(now_s):
            if isinstance(received.message, WorldState) and received.message.aircraft is not None:
                height_m = -geo.ned_between(HOME, received.message.aircraft).down_m
                self._launch.update(height_m, received.message.sent_s)
        self._teller.tell(now_s, self._script.update(self._launch.since_s(now_s)))
        return frozenset(way for way in ("up", "down") if effects.is_cut(self._script, way))


async def _run(config: RelayConfig, watch: _Watch, stop: StopFlag) -> None:
    async with Relay(config.lines) as relay:
        while not stop:
            relay.cut(watch.cut())
            await asyncio.sleep(_LOOK_WALL_S)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sitl.scenario.relay", description="The radio of a simulation.")
    parser.add_argument("--config", type=Path, required=True)
    path: Path = parser.parse_args().config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s radio %(levelname)s %(message)s")
    die_with_parent()
    try:
        config = configuration.load(path, RelayConfig)
        stop = StopFlag()
        with Bus(keys.load(config.keys_folder, "operator")) as bus:
            asyncio.run(_run(config, _Watch(config, bus, SystemClock(config.clock_speed)), stop))
    except PilotfishError as error:
        sys.stderr.write(f"radio: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
