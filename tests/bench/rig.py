"""A simulated stack with a relay on its MAVLink link, and a mission launched in it."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml

from groundlink.client import Client
from sitl.options import Options
from sitl.report.record import PhaseSpan, phases_of
from sitl.session import Session
from tests.bench.relay import Relay
from wire.messages import Phase, Stage, Verb

FOLDER = Path("build/bench")
"""Where the flights' records and logs stay until the next run."""


SETTLE_WALL_S = 10.0
"""Between everything up and a launch: a real PX4 is ready to arm some seconds after it gives its position."""


class BenchError(Exception):
    """Something did not come about that a figure needs."""


class Truth(NamedTuple):
    """By the simulation itself, up to five a second, on its clock."""

    at_s: float
    altitude_amsl_m: float


@dataclass
class Rig:
    session: Session
    relay: Relay
    client: Client
    truths: list[Truth] = field(default_factory=list)

    def look(self, wall_s: float) -> None:
        """Look at everything for so many real seconds, as the live view does; at least once."""
        until_s = time.monotonic() + wall_s
        self._look()
        while time.monotonic() < until_s:
            self._look()

    def _look(self) -> None:
        self.session.look()
        truth = self.session.record.truth
        if truth is not None and truth.aircraft is not None and (not self.truths or self.truths[-1].at_s < truth.sent_s):
            self.truths.append(Truth(truth.sent_s, truth.aircraft.altitude_amsl_m))

    def look_until(self, true: Callable[[], object], what: str, wall_s: float) -> None:
        """Raises BenchError when it is not so within so many real seconds."""
        until_s = time.monotonic() + wall_s
        while not true():
            if time.monotonic() > until_s:
                raise BenchError(f"{what} did not come about within {wall_s:g} s; look into {self.session.folder}")
            self._look()

    def speed(self, began_s: float) -> float:
        """Simulated seconds in a real one since then (CLOCK_MONOTONIC), by the autopilot's clock; 0 when it was not heard."""
        places = self.relay.seen("GLOBAL_POSITION_INT", began_s)
        if len(places) < 2:
            return 0.0
        first, last = places[0], places[-1]
        return float((last.message.time_boot_ms - first.message.time_boot_ms) / 1e3 / (last.at_s - first.at_s))

    def launch(self, words: str = "", mission: str | None = None) -> float:
        """Order a launch; real seconds (CLOCK_MONOTONIC) at which the ground knows it accepted. Raises BenchError."""
        for answer in self.client.order(Verb.LAUNCH, mission, words):
            if answer.stage is Stage.ACCEPTED:
                return time.monotonic()
            raise BenchError(f"the launch was {answer.stage}: {answer.sentence}")
        raise BenchError("the launch was not answered")

    def phase(self) -> Phase | None:
        console = self.session.console
        return None if console is None or console.aircraft is None else console.aircraft.phase

    def phases(self) -> list[PhaseSpan]:
        """By the vehicle's log."""
        return phases_of(self.session.folder / "events.jsonl")


@contextlib.contextmanager
def running(name: str, options: Options) -> Iterator[Rig]:
    """Everything up and ready. Raises PilotfishError where it does not come up."""
    folder = FOLDER.absolute() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    session = Session(options, folder, lambda sentence: print(f"  {sentence}", file=sys.stderr))
    with contextlib.closing(session.stack), Relay(session.stack.instance) as relay:
        _listen_at(session.stack.board_file, relay.flight_port)
        with session, Client(session.stack.ground()) as client:
            session.wait_ready()
            yield Rig(session, relay, client)


def _listen_at(board_file: Path, port: int) -> None:
    content = yaml.safe_load(board_file.read_text(encoding="utf-8"))
    content["flight"]["autopilot"] = f"udp:127.0.0.1:{port}"
    board_file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
