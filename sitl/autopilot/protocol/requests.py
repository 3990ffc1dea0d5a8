"""Commands the MAVLink layer answers by itself: messages on request and message intervals."""

from __future__ import annotations

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot import starting
from sitl.autopilot.commander.modes import available_modes
from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.command import Command
from sitl.autopilot.protocol.commands import ACCEPTED, DENIED, FAILED, TEMPORARILY_REJECTED
from sitl.autopilot.protocol.links import STREAM_OFF, Link
from sitl.autopilot.telemetry import intervals
from sitl.autopilot.telemetry.intervals import DEFAULTS_HZ
from sitl.autopilot.telemetry.sources import Message, Sources
from sitl.autopilot.telemetry.table import FASTEST_NEWS_S, HEARTBEAT, KNOWN, NEWS_S, build

MAX_INTERVAL_S = 60.0
MIN_INTERVAL_S, EPSILON_S, LUCKY = 0.002, 1e-6, 0.5
NO_INTERVAL_US = 1e-5
NOTHING, SHUT_DOWN = 0, 2
STORAGE, RESET_CONFIGURATION, RESET_SENSORS, RESET_ALL = range(5), 2, 3, 4


class Answer(NamedTuple):
    """Messages to send first, then the result, None for silence."""

    messages: list[Message]
    result: int | None


def answer(command: Command, link: Link, src: Sources) -> Answer | None:
    """The answer to a request, None if the command is not one of these."""
    handler = {
        mavlink.MAV_CMD_REQUEST_MESSAGE: _request,
        mavlink.MAV_CMD_SET_MESSAGE_INTERVAL: _set_interval,
        mavlink.MAV_CMD_GET_MESSAGE_INTERVAL: _get_interval,
        mavlink.MAV_CMD_REQUEST_PROTOCOL_VERSION: _protocol_version,
        mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: _capabilities,
        mavlink.MAV_CMD_GET_HOME_POSITION: _one_message,
        mavlink.MAV_CMD_REQUEST_FLIGHT_INFORMATION: _one_message,
        mavlink.MAV_CMD_REQUEST_STORAGE_INFORMATION: _one_message,
        mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: _power,
        mavlink.MAV_CMD_PREFLIGHT_STORAGE: _storage,
    }.get(command.number)
    return None if handler is None else handler(command, link, src)


def _request(command: Command, link: Link, src: Sources) -> Answer:
    number = math.floor(command.value(1) + 0.5) & 0xFFFF
    if number == mavlink.MAVLINK_MSG_ID_AVAILABLE_MODES:
        return _modes(int(command.value(2)))
    message = build(number, link, src) if _has_news(number, link, src.now_s) else None
    if message is None:
        return Answer([], DENIED)
    link.told_s[number] = src.now_s
    return Answer([message], ACCEPTED)


def _has_news(number: int, link: Link, now_s: float) -> bool:
    every_s = NEWS_S.get(number, 0.0)
    if every_s == FASTEST_NEWS_S and link.luck.random() < LUCKY:
        return True
    return now_s - link.told_s.get(number, -math.inf) > every_s - EPSILON_S


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
    number, interval_us = int(command.value(1) + 0.5), command.value(2)
    wants_more = any(int(command.value(place) + 0.5) for place in (3, 4, 7))  # nothing PX4 knows
    if wants_more or number == HEARTBEAT or number not in KNOWN:
        return Answer([], FAILED)
    if abs(interval_us) <= NO_INTERVAL_US:
        rate_hz = DEFAULTS_HZ[link.name].get(number, 0.0)
        told_us = intervals.interval_us(rate_hz) if rate_hz else 0
        sent_hz = link.default_rates_hz.get(number, 0.0)
        sent_hz = min(sent_hz, rate_hz) if rate_hz > 0.0 else sent_hz
        interval_s = 1.0 / sent_hz if sent_hz > 0.0 else STREAM_OFF
    else:
        told_us = intervals.as_set_us(interval_us) if interval_us > 0.0 else 0
        interval_s = min(max(interval_us * 1e-6, MIN_INTERVAL_S), MAX_INTERVAL_S) if interval_us > 0.0 else STREAM_OFF
    link.set_interval(number, interval_s, src.now_s)
    link.told_us[number] = told_us
    return Answer([], ACCEPTED)


def _get_interval(command: Command, link: Link, src: Sources) -> Answer:
    del src
    number = int(command.value(1) + 0.5) & 0xFFFF
    return Answer([mavlink.MAVLink_message_interval_message(number, link.told_us.get(number, 0))], ACCEPTED)


def _protocol_version(command: Command, link: Link, src: Sources) -> Answer:
    return _request(command._replace(params=(float(dialect.PROTOCOL_VERSION.number), *command.params[1:])), link, src)


def _one_message(command: Command, link: Link, src: Sources) -> Answer:
    """What older ground stations ask for by a command of its own."""
    wanted = {
        mavlink.MAV_CMD_GET_HOME_POSITION: mavlink.MAVLINK_MSG_ID_HOME_POSITION,
        mavlink.MAV_CMD_REQUEST_FLIGHT_INFORMATION: mavlink.MAVLINK_MSG_ID_FLIGHT_INFORMATION,
        mavlink.MAV_CMD_REQUEST_STORAGE_INFORMATION: mavlink.MAVLINK_MSG_ID_STORAGE_INFORMATION,
    }[command.number]
    return _request(command._replace(params=(float(wanted), *[0.0] * 6)), link, src)


def _capabilities(command: Command, link: Link, src: Sources) -> Answer:
    version = float(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
    return _request(command._replace(params=(version, *command.params[1:])), link, src)


def _power(command: Command, link: Link, src: Sources) -> Answer:
    """A simulated PX4 can be shut down, disarmed; it cannot restart itself."""
    del link
    wanted = int(command.value(1, -1.0))
    if wanted == NOTHING:
        return Answer([], ACCEPTED)
    if wanted != SHUT_DOWN or src.pilot.commander.armed:
        return Answer([], DENIED)
    src.shut_down = True
    return Answer([], ACCEPTED)


def _storage(command: Command, link: Link, src: Sources) -> Answer:
    """Parameters are stored when they are set: loading and saving change nothing, resetting makes all of them default."""
    del link
    if src.pilot.commander.armed:
        return Answer([], TEMPORARILY_REJECTED)
    wanted = int(command.value(1, -1.0))
    if wanted in (RESET_CONFIGURATION, RESET_ALL):
        starting.reset(src.pilot.parameters, flights=wanted == RESET_ALL)
    elif wanted == RESET_SENSORS:
        starting.uncalibrate(src.pilot.parameters)
    return Answer([], ACCEPTED if wanted in STORAGE else None)
