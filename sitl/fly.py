"""sitl fly: one whole flight, from the spoken sentence to the report. sitl run: everything up, until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console

from groundlink.voice.recogniser import listen
from groundlink.voice.sphinx import SphinxRecogniser
from missions import Mission, load
from sitl import judge
from sitl.live import LiveView
from sitl.options import Options
from sitl.record import phases_of
from sitl.report import write
from sitl.session import Session
from wire.errors import ConfigurationError, ProcessError
from wire.messages import Verb
from wire.supervise import StopFlag

SENTENCE = Path(__file__).parent / "sounds" / "launch-and-survey.wav"
DEFAULT_MISSION = Path(judge.__file__).parent.parent / "missions" / "launch-and-survey.yaml"
SLACK_S = 240.0
"""Beyond the orbit's own time: climb, ways, landing, and a vehicle that drives meanwhile."""

INTERRUPTED = 130

Hook = Callable[[Session], None]


def new_folder(base: Path) -> Path:
    """flights/<time>, never an existing one."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    for suffix in ("", *(f"-{n}" for n in range(2, 100))):
        folder = base / f"{stamp}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise ConfigurationError(f"{base} already holds a hundred flights of this second")


def fly(options: Options, folder: Path, console: Console, *, sound: Path = SENTENCE, hook: Hook | None = None) -> int:
    """Fly once; 0 only if the flight went as the mission says. `hook` is called at every look (tests order things there)."""
    mission = load(options.mission or DEFAULT_MISSION)
    stop = StopFlag()
    fallen = ""
    with LiveView(console) as view, Session(options, folder, view.note) as session:
        view.note("starting world, autopilot, onboard and groundlink")
        try:
            if not _ready(session, view, stop):
                return INTERRUPTED
            _speak(session, view, sound, options)
            _follow(session, view, stop, mission, hook)
        except ProcessError as error:  # what was flown until then is still worth a report
            fallen = str(error)
    session.record.phases = phases_of(folder / "events.jsonl") or session.record.phases
    verdict = [fallen] * bool(fallen) + judge.verdict(session.record, mission)
    write(folder, session.record, mission, options, verdict)
    for failure in verdict:
        console.print(f"[red]not as the mission says:[/red] {failure}", highlight=False)
    console.print(f"{'the flight is not as it should be' if verdict else 'flown as the mission says'}: {folder}/report.md")
    return 1 if verdict else 0


def _ready(session: Session, view: LiveView, stop: StopFlag) -> bool:
    deadline_s = time.monotonic() + session.options.ready_s
    while time.monotonic() < deadline_s and session.missing():
        session.look()
        view.update(session.record, session.console, session.clock.now_s())
        if stop:
            return False
    session.wait_ready()
    session.record.warnings.clear()  # while everything comes up, everything is missing
    return True


def _speak(session: Session, view: LiveView, sound: Path, options: Options) -> None:
    recogniser = SphinxRecogniser()
    session.record.spoken_ended_s = session.clock.now_s()
    heard = listen(sound, recogniser)
    session.record.heard = heard.words
    intent = heard.intent
    if intent is None:
        view.note(heard.reason or f'heard "{heard.words}": not a command')
        return
    view.note(f'heard "{heard.words}"')
    text = (options.mission or DEFAULT_MISSION).read_text(encoding="utf-8") if intent.verb is Verb.LAUNCH else None
    session.order(intent.verb, text, heard.words)


def _follow(session: Session, view: LiveView, stop: StopFlag, mission: Mission, hook: Hook | None) -> None:
    """Until it is over, the time is up, or somebody says stop twice."""
    deadline_s = session.clock.now_s() + mission.orbit.expected_s + SLACK_S
    told = False
    while not session.record.over() and session.clock.now_s() < deadline_s:
        session.look()
        now_s = session.clock.now_s()
        view.update(session.record, session.console, now_s)
        if hook is not None:
            hook(session)
        if stop.count >= 2:
            view.note("stopped at once")
            break
        if stop and not told:
            told = True
            view.note("bringing the aircraft home first; Ctrl-C again stops at once")
            session.order(Verb.RETURN)
            if not session.record.flew() and _idle(session):
                break
    session.record.ended_s = session.clock.now_s()
    for _ in range(4):  # the last looks: the truth after the landing, and the end of the video
        session.look()


def _idle(session: Session) -> bool:
    return len(session.record.phases) <= 1


def run(options: Options, folder: Path, console: Console) -> int:
    """Everything up until Ctrl-C; the first brings an aircraft that flies home, the second stops at once."""
    stop = StopFlag()
    with Session(options, folder, lambda sentence: console.print(sentence, highlight=False)) as session:
        session.wait_ready()
        console.print(_help(session), highlight=False)
        told = False
        while stop.count < 2:
            session.look()
            if stop and (not session.console or not session.console.aircraft or not session.console.aircraft.armed):
                break
            if stop and not told:
                told = True
                console.print("bringing the aircraft home first; Ctrl-C again stops at once")
                session.order(Verb.RETURN)
    return 0


def _help(session: Session) -> str:
    instance, file = session.stack.instance, session.stack.ground_file
    return (
        "everything is up; Ctrl-C ends it\n"
        f"  groundlink:      export PILOTFISH_GROUNDLINK={file}; groundlink launch, watch, return, ...\n"
        f"  QGroundControl:  connects by itself by UDP 14550 (PX4 instance {instance} sends there)\n"
        f"  records:         {session.folder}"
    )
