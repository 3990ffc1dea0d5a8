"""sitl fly: one whole flight, from the spoken sentence to the report. sitl run: everything up, until Ctrl-C."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from groundlink.configuration import mission_path
from groundlink.confirmation import READ_BACK, read_back
from groundlink.voice.recogniser import listen
from groundlink.voice.sphinx import SphinxRecogniser
from missions import Mission, load, model
from sitl.live import LiveView
from sitl.options import Options
from sitl.report.conclusion import conclude
from sitl.report.folders import RecordFolder, record_folder
from sitl.report.record import Interruption
from sitl.session import Session
from wire.entry import INTERRUPTED
from wire.errors import PilotfishError, ProcessError
from wire.messages import Verb
from wire.supervise import StopFlag

SENTENCE = Path(__file__).parent / "sounds" / "launch-and-survey.wav"
DEFAULT_MISSION = Path(model.__file__).parent / "launch-and-survey.yaml"
SLACK_S = 240.0
"""Beyond the orbit's own time: climb, ways, landing, and a vehicle that drives meanwhile."""

LATER = (
    "at --speed {0:g} PX4 misses its ground station {0:g} times as late: its start script scales its time-outs (COM_DL_LOSS_T)"
)

Hook = Callable[[Session], None]


def fly(options: Options, flights: Path, console: Console, *, sound: Path = SENTENCE, hook: Hook | None = None) -> int:
    """Fly once, with the records in `flights`; 0 only if the flight went as the mission says. Raises PilotfishError.

    `hook` is called at every look (tests order things there).
    """
    mission = load(mission_file(options))
    stop = StopFlag()
    with record_folder(flights) as folder:
        with LiveView(console) as view:
            session = Session(options, folder.path, view.note)
            session.record.started = folder.started

            def officer() -> None:
                _speak(session, view, sound)
                _follow(session, view, stop, mission, hook)

            fallen = _flight(session, folder, view, stop, officer)
        if fallen is None:
            console.print("interrupted before the launch: nothing was flown and nothing is kept", highlight=False)
            return INTERRUPTED
        return conclude(session.folder, session.record, mission, options, console=console, fallen=fallen)


def mission_file(options: Options) -> Path:
    """The mission's file: what was named, as a path or as the name of one in missions/, or the default."""
    return DEFAULT_MISSION if options.mission is None else mission_path(str(options.mission), Path.cwd())


def _flight(session: Session, folder: RecordFolder, view: LiveView, stop: StopFlag, officer: Callable[[], None]) -> str | None:
    """How the stack fell in flight ('': it did not), or None when somebody said stop before the launch."""
    view.note("starting world, autopilot, onboard and groundlink")
    _forewarn(session.options, view.note)
    with session:
        if not _ready(session, folder, stop, lambda: view.update(session.record, session.console, session.clock.now_s())):
            return None
        try:
            officer()
        except ProcessError as error:  # what was flown until then is still worth a report
            return str(error)
    return ""


def _forewarn(options: Options, say: Callable[[str], None]) -> None:
    if options.scenario is not None and options.scenario.cuts and options.speed > 1:
        say(LATER.format(options.speed))


def _ready(session: Session, folder: RecordFolder, stop: StopFlag, looked: Callable[[], None] = lambda: None) -> bool:
    """Everything is up; False when somebody said stop before. What ran is worth keeping, and what failed has left logs."""
    try:
        if not session.wait_ready(stop, looked) or stop:
            return False
    except PilotfishError:
        folder.keep = True
        raise
    folder.keep = True
    session.record.warnings.clear()  # while everything comes up, everything is missing
    del session.record.phases[:-1]  # and what flight went through meanwhile is no flight
    return True


def _speak(session: Session, view: LiveView, sound: Path) -> None:
    """An officer's sentence, heard and obeyed as `groundlink listen --yes` does."""
    recogniser = SphinxRecogniser()
    session.record.spoken_ended_s = session.clock.now_s()
    heard = listen(sound, recogniser)
    session.record.heard = heard.words
    intent = heard.intent
    if intent is None:
        view.note(heard.reason or f'heard "{heard.words}": not a command')
        return
    view.note(f'heard "{heard.words}"')
    if intent.verb in READ_BACK:
        view.note(f"{read_back(intent)} confirmed beforehand (--yes): this is a simulation")
    text = mission_file(session.options).read_text(encoding="utf-8") if intent.verb is Verb.LAUNCH else None
    session.order(intent.verb, text, heard.words)


def _follow(session: Session, view: LiveView, stop: StopFlag, mission: Mission, hook: Hook | None) -> None:
    """Until it is over, the time is up, or somebody says stop twice."""
    scenario_s = 0.0 if session.options.scenario is None else session.options.scenario.lasts_s
    deadline_s = session.clock.now_s() + mission.orbit.expected_s + SLACK_S + scenario_s
    told = False
    while not session.record.over() and session.clock.now_s() < deadline_s:
        session.look()
        now_s = session.clock.now_s()
        view.update(session.record, session.console, now_s)
        if hook is not None:
            hook(session)
        if stop.count >= 2:
            view.note("stopped at once")
            if session.record.interrupted is not None:
                session.record.interrupted = replace(session.record.interrupted, at_once=True)
            break
        if stop and not told:
            told = True
            session.record.interrupted = Interruption(now_s, stop.by)
            view.note("bringing the aircraft home first; Ctrl-C again stops at once")
            session.order(Verb.RETURN)
            if not session.record.flew() and _idle(session):
                break
    session.record.ended_s = session.clock.now_s()
    for _ in range(4):  # the last looks: the truth after the landing, and the end of the video
        session.look()


def _idle(session: Session) -> bool:
    return len(session.record.phases) <= 1


def run(options: Options, flights: Path, console: Console) -> int:
    """Everything up until Ctrl-C; the first brings an aircraft that flies home, the second stops at once."""
    load(mission_file(options))
    stop = StopFlag()
    with record_folder(flights) as folder:
        session = Session(
            options, folder.path, lambda sentence: console.print(sentence, highlight=False, markup=False, soft_wrap=True)
        )
        console.print("starting world, autopilot, onboard and groundlink")
        _forewarn(options, lambda sentence: console.print(sentence, highlight=False, markup=False, soft_wrap=True))
        with session:
            if not _ready(session, folder, stop):
                console.print("interrupted while everything came up: nothing is kept", highlight=False)
                return INTERRUPTED
            console.print(_help(session), highlight=False, markup=False, soft_wrap=True)
            _stay_up(session, stop, console)
    return 0


def _stay_up(session: Session, stop: StopFlag, console: Console) -> None:
    told = False
    while stop.count < 2:
        session.look()
        if stop and (not session.console or not session.console.aircraft or not session.console.aircraft.armed):
            break
        if stop and not told:
            told = True
            console.print("bringing the aircraft home first; Ctrl-C again stops at once")
            session.order(Verb.RETURN)


def _help(session: Session) -> str:
    instance, file = session.stack.instance, session.stack.ground_file
    return (
        "everything is up; Ctrl-C ends it\n"
        f"  groundlink:      export PILOTFISH_GROUNDLINK={shlex.quote(str(file))}; groundlink launch, watch, return, ...\n"
        f"  QGroundControl:  connects by itself by UDP 14550 (PX4 instance {instance} sends there)\n"
        f"  records:         {session.folder}"
    )
