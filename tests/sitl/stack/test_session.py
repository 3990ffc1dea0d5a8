"""Officers' orders and a silent vehicle against the whole stack: on the embedded autopilot (slow), and on a real PX4."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from groundlink.client import Client
from missions import parse
from sitl.fly import DEFAULT_MISSION
from sitl.options import Options
from sitl.report import judge
from sitl.report.judge import landed_off_pad_m
from sitl.report.record import phases_of
from sitl.session import Session
from tests.sitl.lockstep.harness import LONG, P, in_order
from tests.sitl.stack.processes import Sitl, secrets_in, until
from wire.messages import AircraftState, Answer, Phase, Stage, Verb

REAL_PX4 = pytest.mark.px4
AUTOPILOTS = [pytest.param("embedded", marks=pytest.mark.slow), pytest.param("px4", marks=[REAL_PX4, pytest.mark.timeout(600)])]
DEADLINE_WALL_S = 240.0


@pytest.fixture
def options(request: pytest.FixtureRequest) -> Options:
    """One of AUTOPILOTS; PX4 at real time, for it is not ours to hurry."""
    if request.param == "embedded":
        return Options(speed=2.0, moves=())
    return Options(autopilot="px4", px4=request.config.getoption("--px4"), moves=())


class Officer:
    """Gives orders to a running session by the command line's own client, and looks at the console until something is so."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def aircraft(self) -> AircraftState:
        console = self.session.console
        assert console is not None and console.aircraft is not None
        return console.aircraft

    def sees(self, true: Callable[[AircraftState], bool], what: str) -> None:
        def look() -> bool:
            self.session.look()
            console = self.session.console
            return console is not None and console.aircraft is not None and true(console.aircraft)

        until(look, f"{what}: {[f'{s.phase}: {s.reason}' for s in self.session.record.phases]}", DEADLINE_WALL_S)

    def sees_phase(self, *phases: Phase) -> Phase:
        self.sees(lambda a: a.phase in phases, f"phase {' or '.join(phases)}")
        return self.aircraft.phase

    def orders(self, verb: Verb, mission: str | None = None) -> Answer:
        """The order's end; a launch is over when it is on its way."""
        with Client(self.session.stack.ground()) as client:
            return list(client.order(verb, mission))[-1]

    def looks_for(self, seconds: float) -> None:
        end_s = self.session.clock.now_s() + seconds
        while self.session.clock.now_s() < end_s:
            self.session.look()


@pytest.mark.parametrize("options", AUTOPILOTS, indirect=True)
def test_orders_in_the_air(options: Options, tmp_path: Path) -> None:
    """Hold, resume and abort in a first flight, hold and land in a second; each answer tells what was seen."""
    said: list[str] = []
    with Session(options, tmp_path, said.append) as session:
        officer = Officer(session)
        session.wait_ready()
        assert officer.orders(Verb.HOLD).stage is Stage.REFUSED
        launched = officer.orders(Verb.LAUNCH, LONG)
        assert launched.stage is Stage.DONE, launched
        assert launched.sentence.startswith("airborne, ")
        officer.sees_phase(P.SURVEYING)
        officer.looks_for(5.0)
        _holds(officer)
        resumed = officer.orders(Verb.RESUME)
        assert resumed.stage is Stage.DONE, resumed
        assert officer.sees_phase(P.SURVEYING) is P.SURVEYING
        aborted = officer.orders(Verb.ABORT)
        assert aborted.stage is Stage.DONE, aborted
        officer.sees(lambda a: a.mode == "return", "PX4's own return")
        assert officer.sees_phase(P.SECURED, P.GROUNDED)
        off_pad_m = _stands_still_off_pad_m(officer)
        assert off_pad_m < 2.5
        if officer.aircraft.phase is P.GROUNDED:  # beside the seat, by the receiver's own error: told, not hidden
            assert off_pad_m > 0.9 and "not seen seated" in officer.aircraft.reason
            return
        _lands_where_it_is(officer)
    flown = [span.phase for span in phases_of(tmp_path / "events.jsonl")]
    assert in_order([P.SURVEYING, P.HOLDING, P.TRANSIT, P.SURVEYING, P.RETURNING], flown)
    assert secrets_in(tmp_path) == []


def _holds(officer: Officer) -> None:
    held = officer.orders(Verb.HOLD)
    assert held.stage is Stage.DONE, held
    officer.sees(lambda a: a.phase is P.HOLDING and a.mode == "hold", "holding")


def _lands_where_it_is(officer: Officer) -> None:
    assert officer.orders(Verb.LAUNCH, LONG).stage is Stage.DONE
    officer.sees_phase(P.SURVEYING)
    _holds(officer)
    landed = officer.orders(Verb.LAND)
    assert landed.stage is Stage.DONE, landed
    assert officer.sees_phase(P.GROUNDED, P.SECURED) is P.GROUNDED
    assert officer.aircraft.armed is False


def _stands_still_off_pad_m(officer: Officer) -> float:
    officer.looks_for(2.0)
    off_m = landed_off_pad_m(officer.session.record)
    assert off_m is not None
    return off_m


@pytest.mark.parametrize("options", AUTOPILOTS, indirect=True)
def test_an_abort_while_the_vehicle_drives_ends_at_the_vehicle(options: Options, tmp_path: Path) -> None:
    """PX4's own return does not follow: it is stopped when the vehicle has gone, and begun anew once that stands."""
    options = replace(options, moves=((40.0, 60.0, 0.0, 4.0),))
    with Session(options, tmp_path, lambda sentence: None) as session:
        officer = Officer(session)
        session.wait_ready()
        assert officer.orders(Verb.LAUNCH, LONG).stage is Stage.DONE
        officer.sees_phase(P.SURVEYING)
        until(lambda: session.look() or judge.vehicle_moved_m(session.record) > 5.0, "the vehicle drives", DEADLINE_WALL_S)
        assert officer.orders(Verb.ABORT).stage is Stage.DONE
        officer.sees(lambda a: a.phase is not P.RETURNING, "the end of the return")
        assert (officer.aircraft.height_m or 0.0) < 1.0, "it is over on the ground and not before"
        assert officer.sees_phase(P.SECURED, P.GROUNDED)
        assert _stands_still_off_pad_m(officer) < 3.0
    log = (tmp_path / "onboard" / "events.jsonl").read_text(encoding="utf-8")
    assert 1 <= log.count("ReturnHome(") <= 4


@pytest.mark.parametrize("options", AUTOPILOTS, indirect=True)
def test_silent_vehicle(options: Options, tmp_path: Path) -> None:
    """The vehicle's link process hangs in flight: PX4 comes home by itself; when it goes on, it sees where the aircraft is."""
    with Session(options, tmp_path, lambda sentence: None) as session:
        officer = Officer(session)
        session.wait_ready()
        assert officer.orders(Verb.LAUNCH, LONG).stage is Stage.DONE
        officer.sees_phase(P.SURVEYING)
        officer.looks_for(3.0)
        link = _process_of(session, "groundlink.link")
        link.suspend()
        try:
            log = tmp_path / "onboard" / "events.jsonl"
            _hears_nothing_until(session, lambda: "yielded: " in log.read_text(encoding="utf-8"), "flight has yielded")
            _hears_nothing_until(session, lambda: "securing: " in log.read_text(encoding="utf-8"), "it is on the ground")
        finally:
            link.resume()
        assert officer.sees_phase(P.SECURED, P.GROUNDED)
        assert officer.aircraft.armed is False
        assert _stands_still_off_pad_m(officer) < 3.0
    text = log.read_text(encoding="utf-8")
    after = text[text.index("yielded: ") :]
    for request in ("Reposition(", "FlyOrbit(", "Land(", "Hold(", "ReturnHome(", "Takeoff("):
        assert request not in after[: after.index("securing: ")], "quiet in a failsafe"


def _process_of(session: Session, module: str) -> psutil.Process:
    parent = psutil.Process(session.supervisor.pids()["groundlink"])
    return next(child for child in parent.children(recursive=True) if module in child.cmdline())


def _hears_nothing_until(session: Session, true: Callable[[], bool], what: str) -> None:
    def look() -> bool:
        session.supervisor.check()
        time.sleep(0.2)
        return true()

    until(look, what, DEADLINE_WALL_S)


@REAL_PX4
@pytest.mark.timeout(600)
def test_whole_thread_on_a_real_px4(tmp_path: Path, px4_path: str) -> None:
    """As on the embedded autopilot, by the same command: only the seat may be missed, by the receiver's own error."""
    with Sitl(tmp_path, "fly", "--px4", px4_path) as run:
        code = run.ends(400.0)
        until(run.alone, "the end of every process", 30.0)
        report = (run.folder / "report.md").read_text(encoding="utf-8")
    mission = parse(DEFAULT_MISSION.read_text(encoding="utf-8"))
    assert "real PX4 (SIH)" in report and mission.name in report
    rows = [
        line.split("|")[1].strip()
        for line in report.partition("## Phases")[2].partition("##")[0].splitlines()[4:]
        if "|" in line
    ]
    assert rows[: len(judge.NARRATIVE) - 1] == [str(phase) for phase in judge.NARRATIVE[:-1]], report
    assert code == 0 or "not seated" in report, run.output


@pytest.mark.slow
def test_killed_link_process_is_started_again_and_the_flight_goes_on(tmp_path: Path) -> None:
    with Sitl(tmp_path, "fly", "--speed", "2") as run:
        run.says("surveying ")
        run.descendant("groundlink.link").kill()
        assert run.ends() == 0, run.output
        until(run.alone, "the end of every process", 30.0)
        assert secrets_in(run.flights) == []
