"""Commands the MAVLink layer answers by itself: messages on request and message intervals."""

from __future__ import annotations

from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commands import ACCEPTED, DENIED, FAILED, UNSUPPORTED, Command
from sitl.autopilot.links import STREAM_OFF, Link
from sitl.autopilot.modes import available_modes
from sitl.autopilot.protocol_version import MSG_ID_PROTOCOL_VERSION, ProtocolVersion
from sitl.autopilot.telemetry.sources import Message, Sources
from sitl.autopilot.telemetry.table import BUILDERS, HEARTBEAT

MAX_INTERVAL_S = 60.0
MIN_INTERVAL_S = 0.002


class Answer(NamedTuple):
    """Messages to send first, then the result."""

    messages: list[Message]
    result: int


def answer(command: Command, link: Link, src: Sources) -> Answer | None:
    """The answer to a request, None if the command is not one of these."""
    handler = {
        mavlink.MAV_CMD_REQUEST_MESSAGE: _request,
        mavlink.MAV_CMD_SET_MESSAGE_INTERVAL: _set_interval,
        mavlink.MAV_CMD_GET_MESSAGE_INTERVAL: _get_interval,
        mavlink.MAV_CMD_REQUEST_PROTOCOL_VERSION: _protocol_version,
        mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: _capabilities,
    }.get(command.number)
    return None if handler is None else handler(command, link, src)


def _request(command: Command, link: Link, src: Sources) -> Answer:
    del link
    number = int(command.value(1))
    if number == mavlink.MAVLINK_MSG_ID_AVAILABLE_MODES:
        return _modes(int(command.value(2)))
    if number == MSG_ID_PROTOCOL_VERSION:
        return Answer([ProtocolVersion()], ACCEPTED)
    builder = BUILDERS.get(number)
    message = None if builder is None else builder(src)
    return Answer([], DENIED) if message is None else Answer([message], ACCEPTED)


def _modes(index: int) -> Answer:
    """All modes for index 0, else the one with that index, from 1."""
    modes = available_modes()
    if not 0 <= index <= len(modes):
        return Answer([], DENIED)
    wanted = range(1, len(modes) + 1) if index == 0 else [index]
    messages: list[Message] = []
    for number in wanted:
        mode = modes[number - 1]
        messages.append(
            mavlink.MAVLink_available_modes_message(
                len(modes),
                number,
                mode.standard_mode,
                mode.custom_mode,
                mode.properties,
                mode.name.encode("ascii"),
            ),
        )
    return Answer(messages, ACCEPTED)


def _set_interval(command: Command, link: Link, src: Sources) -> Answer:
    number, interval_us = int(command.value(1)), command.value(2)
    if number == HEARTBEAT or number not in BUILDERS:
        return Answer([], FAILED)
    interval_s = interval_us * 1e-6
    if interval_us == 0.0:
        rate_hz = link.default_rates_hz.get(number, 0.0)
        interval_s = 1.0 / rate_hz if rate_hz > 0.0 else STREAM_OFF
    elif interval_us < 0.0:
        interval_s = STREAM_OFF
    else:
        interval_s = min(max(interval_s, MIN_INTERVAL_S), MAX_INTERVAL_S)
    link.set_interval(number, interval_s, src.now_s)
    return Answer([], ACCEPTED)


def _get_interval(command: Command, link: Link, src: Sources) -> Answer:
    del src
    number = int(command.value(1))
    if not 0 <= number <= 65535:
        return Answer([], FAILED)
    interval_s = link.interval_s(number)
    interval_us = round(interval_s * 1e6) if interval_s > 0.0 else -1 if number in BUILDERS else 0
    return Answer([mavlink.MAVLink_message_interval_message(number, interval_us)], ACCEPTED)


def _protocol_version(command: Command, link: Link, src: Sources) -> Answer:
    del command, link, src
    return Answer([ProtocolVersion()], ACCEPTED)


def _capabilities(command: Command, link: Link, src: Sources) -> Answer:
    if command.value(1) < 1.0:
        return Answer([], UNSUPPORTED)
    version = float(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
    return _request(command._replace(params=(version, *command.params[1:])), link, src)
