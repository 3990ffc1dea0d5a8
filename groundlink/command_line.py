"""groundlink's commands: what each takes, and what it does."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from groundlink import configuration, exits, orders, setup, watch
from groundlink.exits import Exit
from groundlink.processes import processes
from wire import keys
from wire.errors import ConfigurationError, PilotfishError
from wire.messages import Verb
from wire.supervise import StopFlag, Supervisor

_CHECK_PERIOD_S = 0.2

_VERBS = {
    Verb.HOLD: "stop where it is, in the air",
    Verb.RESUME: "go on with what was held",
    Verb.RETURN: "come back to the vehicle and land on its roof",
    Verb.LAND: "land on the spot",
    Verb.ABORT: "break off whatever is going on, in the safest way",
}


def run(arguments: Sequence[str] | None = None) -> int:
    """One command. Returns an exit code of groundlink/exits.py; KeyboardInterrupt is for the caller."""
    options = _parser().parse_args(arguments)
    try:
        return int(_VERB_OF[options.command](options))
    except PilotfishError as error:
        code = exits.of_error(error)
        _complain(options, code, str(error))
        return int(code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has gone
        return int(Exit.DONE)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="machine-readable output")
    common.add_argument(
        "--config",
        type=_named,
        metavar="FILE",
        help=f"the configuration (default: ${configuration.FILE_VARIABLE}, or {configuration.DEFAULT_FILE} in this folder)",
    )
    parser = argparse.ArgumentParser(prog="groundlink", description="The vehicle's side of Pilotfish.", epilog=exits.HELP)
    verbs = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, epilog=exits.HELP, parents=[common])

    add("run", "run the vehicle's daemon, until Ctrl-C")
    add("keys", "make the keys that are missing").add_argument("--folder", type=_named, default=Path("keys"), metavar="DIR")
    add("check-config", "is this configuration right, and all that it points to?").add_argument(
        "file", type=_named, metavar="FILE"
    )
    launch = add("launch", "release, take off and fly a mission; ends when the aircraft is up")
    launch.add_argument(
        "mission",
        nargs="?",
        type=lambda text: str(_named(text)),
        metavar="MISSION",
        help="a mission file, or the name of one in missions/",
    )
    for verb, text in _VERBS.items():
        add(verb.value, text)
    say = add("say", "do what the words mean: the commands of an officer, typed instead of spoken")
    say.add_argument("words", nargs="+", metavar="WORDS")
    listen = add("listen", "do what is said in a recording (WAV, 16 bit); a launch or resume is read back and waits for ENTER")
    listen.add_argument("recording", type=_named, metavar="FILE.wav")
    listen.add_argument("--yes", action="store_true", help="a launch or resume is confirmed beforehand: do not ask")
    add("status", "where is the aircraft, and is all well?")
    add("watch", "a live table of everything, until q or Ctrl-C")
    return parser


def _named(text: str) -> Path:
    """A path that somebody wrote: an unset variable of a shell script would be the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty: write one, or leave the whole argument out")
    return Path(text)


def _complain(options: argparse.Namespace, code: Exit, sentence: str) -> None:
    if options.json:
        print(json.dumps({"verb": options.command, "stage": code.name.lower(), "sentence": sentence}))
    else:
        print(f"groundlink: {sentence}", file=sys.stderr)


def _out(line: str) -> None:
    print(line, flush=True)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _config(options: argparse.Namespace) -> configuration.GroundlinkConfig:
    return configuration.load(_path(options))


def _path(options: argparse.Namespace) -> Path:
    """Raises ConfigurationError when nobody said where the configuration is, and it is not where it usually is."""
    path: Path = options.config or configuration.default_path()
    if options.config is None and not path.exists():
        raise ConfigurationError(
            f"there is no {path}: name the vehicle's configuration with --config or ${configuration.FILE_VARIABLE} "
            "(sample: hardware/samples/groundlink.yaml)"
        )
    return path


def _run(options: argparse.Namespace) -> Exit:
    path = _path(options)
    keys.load(configuration.load(path).keys_folder, "groundlink")
    stop = StopFlag()
    supervisor = Supervisor(processes(path.absolute()), _progress)
    try:
        supervisor.start()
        while not stop:
            supervisor.check()
            time.sleep(_CHECK_PERIOD_S)
    finally:
        supervisor.stop()
    return Exit.DONE


def _keys(options: argparse.Namespace) -> Exit:
    text, made = setup.make_keys(options.folder)
    done = {"folder": str(options.folder), "made": made, "without_secret": keys.without_secret(options.folder)}
    _out(json.dumps(done) if options.json else text)
    return Exit.DONE


def _check_config(options: argparse.Namespace) -> Exit:
    sentence = setup.check(options.file)
    _out(json.dumps({"right": True, "sentence": sentence}) if options.json else sentence)
    return Exit.DONE


def _launch(options: argparse.Namespace) -> Exit:
    return orders.give(_config(options), Verb.LAUNCH, _out, _progress, mission=options.mission, as_json=options.json)


def _verb(options: argparse.Namespace) -> Exit:
    return orders.give(_config(options), Verb(options.command), _out, _progress, as_json=options.json)


def _say(options: argparse.Namespace) -> Exit:
    from groundlink import spoken  # noqa: PLC0415 - what voice needs is slow to load, and only said and heard words need it

    return spoken.say(_config(options), " ".join(options.words), _out, _progress, as_json=options.json)


def _listen(options: argparse.Namespace) -> Exit:
    from groundlink import confirmation, spoken  # noqa: PLC0415 - as above
    from groundlink.voice.sphinx import SphinxRecogniser  # noqa: PLC0415
    from groundlink.voice.wav import RecordingError  # noqa: PLC0415

    confirm = confirmation.beforehand if options.yes else confirmation.AtTheKeyboard(_progress)
    try:
        config, recogniser = _config(options), SphinxRecogniser()
        return spoken.listen(config, options.recording, recogniser, _out, _progress, confirm=confirm, as_json=options.json)
    except RecordingError as error:
        _complain(options, Exit.USAGE, str(error))
        return Exit.USAGE


def _status(options: argparse.Namespace) -> Exit:
    return orders.status(_config(options), _out, as_json=options.json)


def _watch(options: argparse.Namespace) -> Exit:
    return watch.run(_config(options), _out, as_json=options.json)


_VERB_OF: dict[str, Callable[[argparse.Namespace], Exit]] = {
    "run": _run,
    "keys": _keys,
    "check-config": _check_config,
    "launch": _launch,
    **{verb.value: _verb for verb in _VERBS},
    "say": _say,
    "listen": _listen,
    "status": _status,
    "watch": _watch,
}
