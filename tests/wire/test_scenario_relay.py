"""The radio of a simulation: whatever bytes, both ways, until a way is cut; and afterwards again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sitl.scenario.relay import Line, Relay
from sitl.stack.ports import free_ports
from wire.errors import LinkError

PATIENCE_S = 20.0
NOTHING_S = 0.3


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data.upper())
        await writer.drain()
    writer.close()


def with_relay(play: Callable[[Relay, int, int], Awaitable[None]]) -> None:
    """Plays with a relay of two lines to an echo; their ports are given, up and down."""

    async def run() -> None:
        up, down, behind = free_ports(3)
        server = await asyncio.start_server(echo, "127.0.0.1", behind)
        async with server, Relay((Line(listen=up, to=behind, way="up"), Line(listen=down, to=behind, way="down"))) as relay:
            await play(relay, up, down)

    asyncio.run(run())


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def at(cls, port: int) -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def say(self, words: bytes) -> None:
        self._writer.write(words)

    async def hears(self, words: bytes) -> None:
        assert await asyncio.wait_for(self._reader.readexactly(len(words)), PATIENCE_S) == words

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self._reader.read(1), NOTHING_S)

    def close(self) -> None:
        self._writer.close()


def test_a_cut_way_stands_still_the_other_goes_on_and_what_waited_arrives_afterwards() -> None:
    async def play(relay: Relay, up: int, down: int) -> None:
        upward, downward = await Caller.at(up), await Caller.at(down)
        for caller in (upward, downward):
            caller.say(b"one")
            await caller.hears(b"ONE")
        relay.cut(frozenset({"up"}))
        upward.say(b"two")
        downward.say(b"two")
        await downward.hears(b"TWO")
        await upward.hears_nothing()
        relay.cut(frozenset())
        await upward.hears(b"TWO")
        for caller in (upward, downward):
            caller.close()

    with_relay(play)


def test_who_calls_during_a_cut_gets_through_when_it_is_over() -> None:
    async def play(relay: Relay, up: int, down: int) -> None:
        del up
        relay.cut(frozenset({"up", "down"}))
        caller = await Caller.at(down)
        caller.say(b"hello")
        await caller.hears_nothing()
        relay.cut(frozenset())
        await caller.hears(b"HELLO")
        caller.close()

    with_relay(play)


def test_much_passes_whole() -> None:
    async def play(relay: Relay, up: int, down: int) -> None:
        del relay, down
        caller = await Caller.at(up)
        for index in range(50):
            block = bytes((97 + index % 26,)) * 20_000
            caller.say(block)
            await caller.hears(block.upper())
        caller.close()

    with_relay(play)


def test_nobody_behind_it_ends_the_connection_and_a_taken_port_is_told() -> None:
    async def run() -> None:
        listen, nobody = free_ports(2)
        line = Line(listen=listen, to=nobody, way="up")
        async with Relay((line,)):
            reader, writer = await asyncio.open_connection("127.0.0.1", listen)
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
            writer.close()
            with pytest.raises(LinkError, match=f"port {listen} cannot be opened"):
                async with Relay((line,)):
                    pass

    asyncio.run(run())
