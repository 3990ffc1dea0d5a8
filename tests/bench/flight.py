"""One flight at real time, and all the figures that need one."""

from __future__ import annotations

import json
import random
import statistics
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pymavlink.dialects.v20 import development as mavlink

from groundlink.voice.recogniser import Heard, listen
from groundlink.voice.sphinx import SphinxRecogniser
from sitl.fly import SENTENCE
from sitl.options import Options
from sitl.stack.ports import free_ports
from tests.bench import pictures, takeoff
from tests.bench.echo import Echo
from tests.bench.pictures import Bare, Taken
from tests.bench.processes import Load, Meter
from tests.bench.rig import SETTLE_WALL_S, BenchError, Rig, running
from tests.bench.takeoff import TakeOff
from wire import codec
from wire.messages import Order, Phase, Stage, Verb, VideoState

ORDERS = 40
LISTENED = 5
SURVEY_WALL_S = 15.0
FRAMES_WALL_S = 8.0
_BETWEEN_WALL_S = (0.35, 0.55)  # at random, so that orders meet the periods of daemon and flight everywhere


@dataclass(frozen=True)
class Spoken:
    """One sentence, spoken through to the end. Real seconds."""

    recognised_s: list[float]
    ordered_s: float
    """From the sentence recognised to the launch accepted on board."""
    sound_s: float


@dataclass(frozen=True)
class OneOrder:
    """One `hold` in flight, and one round trip of a bare socket just before it. Real seconds from the order."""

    to_mavlink_s: float
    to_answer_s: float
    bare_round_trip_s: float


@dataclass(frozen=True)
class Flown:
    spoken: Spoken
    took_off: TakeOff
    loads: list[Load]
    videos: list[VideoState]
    encode_ms: float | None
    taken: list[Taken]
    video_while_taken: VideoState | None
    """Of the last five seconds in which a second reader took frames too."""
    bare: list[Bare]
    orders: list[OneOrder]


def fly() -> Flown:
    """Raises BenchError or PilotfishError where it does not fly as it should."""
    recogniser = SphinxRecogniser()
    with running("flight", Options()) as rig:
        rig.look(SETTLE_WALL_S)
        spoken = _speak(rig, recogniser)
        took_off = takeoff.wait(rig)
        rig.look_until(lambda: rig.phase() is Phase.SURVEYING, "the survey", 60.0)
        loads, videos = _survey(rig)
        stack = rig.session.stack
        taken = pictures.collect(stack.world_file, stack.keys_folder, FRAMES_WALL_S)
        rig.look(0.3)
        video = rig.session.record.videos[-1] if rig.session.record.videos else None
        orders = list(_orders(rig))
        return Flown(
            spoken=spoken,
            took_off=took_off,
            loads=loads,
            videos=videos,
            encode_ms=_encode_ms(rig.session.folder / "events.jsonl"),
            taken=taken,
            video_while_taken=video,
            bare=pictures.bare(taken),
            orders=orders,
        )


def _speak(rig: Rig, recogniser: SphinxRecogniser) -> Spoken:
    took_s: list[float] = []
    heard: Heard | None = None
    for _ in range(LISTENED):
        ended_s = time.monotonic()
        heard = listen(SENTENCE, recogniser)
        took_s.append(time.monotonic() - ended_s)
    if heard is None or heard.intent is None or heard.intent.verb is not Verb.LAUNCH:
        raise BenchError(f"the spoken sentence was not understood: {heard}")
    ordered_s = time.monotonic()
    rig.launch(heard.words)
    rig.look(0.5)  # until the events are in the log
    accepted_s = next(span.began_s for span in rig.phases() if span.phase is Phase.CHECKING)
    return Spoken(took_s, accepted_s - ordered_s, _sound_s(SENTENCE))


def _sound_s(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _survey(rig: Rig) -> tuple[list[Load], list[VideoState]]:
    """A stretch of the orbit in which the bench does nothing but look."""
    rig.look(5.0)  # the video's figures are those of the last five seconds
    meter = Meter(rig.session.supervisor.pids().values())
    before = len(rig.session.record.videos)
    rig.look(SURVEY_WALL_S)
    loads = meter.read()
    if rig.phase() is not Phase.SURVEYING:
        raise BenchError(f"the survey ended too early: {rig.phase()}")
    return loads, rig.session.record.videos[before:]


def _orders(rig: Rig) -> Iterator[OneOrder]:
    chance = random.Random(1)
    sample = codec.encode("order", Order(id="0123456789abcdef", verb=Verb.HOLD))
    with Echo(rig.session.stack.keys_folder, f"tcp://127.0.0.1:{free_ports(1)[0]}") as echo:
        for _ in range(ORDERS):
            rig.look(chance.uniform(*_BETWEEN_WALL_S) / 2)
            bare_s = echo.round_trip_s(sample)
            time.sleep(chance.uniform(*_BETWEEN_WALL_S) / 2)
            yield _one_order(rig, bare_s)


def _one_order(rig: Rig, bare_s: float) -> OneOrder:
    ordered_s = time.monotonic()
    answers = rig.client.order(Verb.HOLD)
    first = next(answers)
    answered_s = time.monotonic()
    last = [first, *answers][-1]
    if last.stage is not Stage.DONE:
        raise BenchError(f"a hold in flight {last.stage}: {last.sentence}")
    sent_s = rig.relay.command_s(mavlink.MAV_CMD_DO_REPOSITION, ordered_s, patience_wall_s=1.0)
    if sent_s is None:
        raise BenchError("a hold was answered, but no command was seen on the MAVLink link")
    return OneOrder(sent_s - ordered_s, answered_s - ordered_s, bare_s)


def _encode_ms(log: Path) -> float | None:
    """The median of what vision itself says that encoding a frame takes, while airborne."""
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    told = [entry["message"]["encode_ms"] for entry in entries if entry["kind"] == "vision_state"]
    known = [float(value) for value in told if value is not None]
    return statistics.median(known[-30:]) if known else None
