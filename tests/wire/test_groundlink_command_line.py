"""The command line as people and scripts use it: sentences, JSON, exit codes, processes."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from groundlink.client import Client
from groundlink.configuration import load
from tests.wire.ground import until, vehicle, write_config
from wire.messages import Stage, Verb

SOUNDS = Path(__file__).parents[2] / "sitl" / "sounds"
NEGATIVES = Path(__file__).parents[1] / "unit" / "voice" / "negatives"


def groundlink(*arguments: str, folder: Path | None = None, variable: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PILOTFISH_GROUNDLINK"}
    return subprocess.run(
        [sys.executable, "-m", "groundlink.main", *arguments],
        cwd=folder,
        env=environment | ({"PILOTFISH_GROUNDLINK": variable} if variable else {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_orders_end_in_a_sentence_and_a_code(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        config = str(here.path)
        up = groundlink("launch", "--config", config)
        assert (up.returncode, up.stdout, up.stderr) == (0, "Launch done: launch is done.\n", "launch: launch goes\n")
        assert here.aircraft.launches()[0].operator == "operator"

        here.aircraft.script = lambda _: [(0.0, Stage.REFUSED, "the latch is stuck")]
        refused = groundlink("launch", "launch-and-survey", "--config", config)
        assert (refused.returncode, refused.stdout) == (3, "Launch refused: the latch is stuck.\n")

        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes"), (0.1, Stage.FAILED, "PX4 is in a failsafe")]
        failed = groundlink("return", "--json", variable=config)
        assert failed.returncode == 4
        ended = json.loads(failed.stdout)
        assert ended.pop("order_id")
        assert ended == {"verb": "return", "stage": "failed", "sentence": "PX4 is in a failsafe"}

        wrong = groundlink("launch", "nosuch.yaml", "--config", config)
        assert (wrong.returncode, wrong.stdout) == (2, "")
        assert wrong.stderr.endswith("nosuch.yaml: there is no such file\n")


@pytest.mark.parametrize("verb", ["hold", "resume", "return", "land", "abort"])
def test_every_verb(tmp_path: Path, verb: str) -> None:
    with vehicle(tmp_path) as here:
        ended = groundlink(verb, folder=tmp_path)
        assert (ended.returncode, ended.stdout) == (0, f"{verb.capitalize()} done: {verb} is done.\n")
        assert {command.verb for command in here.aircraft.commands} == {Verb(verb)}


def test_say(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        said = groundlink("say", "Launch", "and survey!", folder=tmp_path)
        assert (said.returncode, said.stdout) == (0, "Launch done: launch is done.\n")
        assert said.stderr.startswith('understood "launch and survey": launch, mission launch-and-survey\n')
        assert [line["message"]["words"] for line in here.log() if line["kind"] == "order"] == ["launch and survey"]

        talk = groundlink("say", "do", "not", "launch", "--json", folder=tmp_path)
        assert talk.returncode == 3
        assert json.loads(talk.stdout)["stage"] == "refused"
        status = groundlink("say", "status", folder=tmp_path)
        assert status.returncode == 0
        assert status.stdout.startswith("The aircraft is on the roof, stowed")
        assert len({command.id for command in here.aircraft.commands}) == 1


def test_listen(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        heard = groundlink("listen", str(SOUNDS / "return.wav"), folder=tmp_path)
        assert (heard.returncode, heard.stdout) == (0, "Return done: return is done.\n")
        assert heard.stderr.startswith('understood "return')
        before = len(here.aircraft.commands)
        talk = groundlink("listen", str(NEGATIVES / "do-not-land.wav"), folder=tmp_path)
        assert talk.returncode == 3
        assert talk.stdout.strip()
        broken = groundlink("listen", str(here.path), folder=tmp_path)
        assert (broken.returncode, broken.stdout) == (2, "")
        assert len(here.aircraft.commands) == before


@pytest.mark.parametrize(("sound", "verb"), [("launch-and-survey", Verb.LAUNCH), ("resume", Verb.RESUME)])
def test_a_spoken_launch_waits_for_a_yes(tmp_path: Path, sound: str, verb: Verb) -> None:
    recording = str(SOUNDS / f"{sound}.wav")
    with vehicle(tmp_path) as here:
        unasked = groundlink("listen", recording, "--json", folder=tmp_path)
        assert unasked.returncode == 3
        ended = json.loads(unasked.stdout)
        assert ended["stage"] == "refused" and "nothing was ordered" in ended["sentence"] and "--yes" in ended["sentence"]
        assert here.aircraft.commands == []
        meant = groundlink("listen", recording, "--yes", folder=tmp_path)
        assert (meant.returncode, meant.stdout) == (0, f"{verb.capitalize()} done: {verb} is done.\n")
        assert {command.verb for command in here.aircraft.commands} == {verb}


@pytest.mark.parametrize("sound", ["hold", "return", "land", "abort"])
def test_a_spoken_stop_waits_for_nobody(tmp_path: Path, sound: str) -> None:
    with vehicle(tmp_path) as here:
        assert groundlink("listen", str(SOUNDS / f"{sound}.wav"), folder=tmp_path).returncode == 0
        assert {command.verb for command in here.aircraft.commands} == {Verb(sound)}


def test_status_and_watch(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        status = groundlink("status", folder=tmp_path)
        assert status.returncode == 0
        assert status.stdout.startswith("The aircraft is on the roof, stowed for ")
        assert "\n  latch: closed, seated (" in status.stdout
        state = json.loads(groundlink("status", "--json", folder=tmp_path).stdout)
        assert state["console"]["aircraft"]["phase"] == "stowed"
        with lines_of(["watch", "--json", "--config", str(here.path)]) as watching:
            assert watching.stdout is not None
            sequence = [json.loads(watching.stdout.readline())["aircraft"]["sequence"] for _ in range(5)]
            assert sequence[-1] > sequence[0]
            watching.send_signal(signal.SIGINT)
            assert watching.wait(10) == 0


def test_watch_ends_when_its_reader_does(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, lines_of(["watch", "--json", "--config", str(here.path)]) as watching:
        assert watching.stdout is not None
        watching.stdout.readline()
        watching.stdout.close()
        assert watching.wait(10) == 0


def lines_of(arguments: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "groundlink.main", *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("keys", [b"q", b"fq", b"Q"])
def test_the_live_table_ends_by_q_and_leaves_the_terminal_as_it_was(tmp_path: Path, keys: bytes) -> None:
    with vehicle(tmp_path) as here:
        controller, terminal = pty.openpty()
        arguments = [sys.executable, "-m", "groundlink.main", "watch", "--config", str(here.path)]
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        with subprocess.Popen(arguments, stdin=terminal, stdout=terminal, stderr=terminal, env=environment) as watching:
            shown = b""
            try:
                deadline_s = time.monotonic() + 20
                while b"no warnings" not in shown and b"check the radio" not in shown and time.monotonic() < deadline_s:
                    if select.select([controller], [], [], 0.1)[0]:
                        shown += os.read(controller, 65_536)
                os.write(controller, keys)
                while watching.poll() is None and time.monotonic() < deadline_s:
                    if select.select([controller], [], [], 0.1)[0]:
                        shown += os.read(controller, 65_536)
            finally:
                watching.kill()
        assert watching.returncode == 0, shown
        text = shown.decode(errors="replace")
        for words in ("on the roof, stowed", "battery", "round trip", "closed, seated", "q ends"):
            assert words in text
        os.close(controller)
        os.close(terminal)


def test_an_interrupted_client_says_that_the_order_goes_on(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes")]
        arguments = [sys.executable, "-m", "groundlink.main", "launch", "--config", str(here.path)]
        with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as launching:
            assert launching.stderr is not None
            assert launching.stderr.readline() == "launch: goes\n"
            launching.send_signal(signal.SIGINT)
            assert launching.wait(10) == 130
            assert "goes on" in launching.stderr.read()


def test_without_a_daemon(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with ThreadPoolExecutor() as pool:
        *plain, as_json = pool.map(
            lambda verb: groundlink(*verb.split(), "--config", str(path)), ("hold", "status", "watch", "abort --json")
        )
    for ended in plain:
        assert (ended.returncode, ended.stdout) == (5, "")
        assert "is 'groundlink run' running" in ended.stderr
    assert as_json.returncode == 5
    assert json.loads(as_json.stdout)["stage"] == "no_answer"


def test_keys(tmp_path: Path) -> None:
    made = groundlink("keys", "--folder", str(tmp_path / "keys"))
    assert made.returncode == 0
    assert made.stdout.startswith("Made 8 key files in")
    assert "vehicle:  groundlink.key_secret" in made.stdout
    assert stat.S_IMODE((tmp_path / "keys" / "groundlink.key_secret").stat().st_mode) == 0o600
    before = (tmp_path / "keys" / "groundlink.key_secret").read_bytes()
    again = groundlink("keys", "--folder", str(tmp_path / "keys"), "--json")
    assert json.loads(again.stdout)["made"] == []
    assert (tmp_path / "keys" / "groundlink.key_secret").read_bytes() == before


def test_check_config(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    right = groundlink("check-config", str(path))
    assert right.returncode == 0
    assert "operator (may launch), constable." in right.stdout
    (tmp_path / "keys" / "operator.key_secret").chmod(0o644)
    assert groundlink("status", "--config", str(path)).returncode == 2
    (tmp_path / "keys" / "groundlink.key_secret").unlink()
    keyless = groundlink("check-config", str(path))
    assert (keyless.returncode, keyless.stdout) == (2, "")
    assert "groundlink keys --folder" in keyless.stderr
    path.write_text("operatorz: []\n")
    wrong = groundlink("check-config", str(path), "--json")
    assert wrong.returncode == 2
    assert "did you mean operators?" in json.loads(wrong.stdout)["sentence"]


def test_wrong_usage_and_help() -> None:
    assert groundlink("fly").returncode == 2
    assert groundlink().returncode == 2
    for arguments in (["--help"], ["launch", "--help"]):
        shown = groundlink(*arguments)
        assert shown.returncode == 0
        assert "exit codes: 0 done" in shown.stdout


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_run_keeps_the_link_up_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    arguments = [sys.executable, "-m", "groundlink.main", "run", "--config", str(path)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as running, Client(load(path)) as client:
        until(lambda: client.console(1.0), "the console")
        link = next(each for each in psutil.Process(running.pid).children() if "groundlink.link" in each.cmdline())
        link.kill()
        until(lambda: not alive(link.pid), "the link's end")
        until(lambda: client.console(1.0), "the console again")
        children = [each.pid for each in psutil.Process(running.pid).children(recursive=True)]
        assert children
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        until(lambda: not any(alive(pid) for pid in children), "the end of all children")
        assert running.stderr is not None
        said = running.stderr.read()
        assert "link ended with code -9; it is started again" in said
        assert "Traceback" not in said
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "log" / "events.jsonl").read_text().splitlines()]
    assert kinds.count("started") == 2
    assert kinds[-1] == "stopped"


def test_run_with_a_wrong_configuration(tmp_path: Path) -> None:
    assert groundlink("run", folder=tmp_path).returncode == 2
    path = write_config(tmp_path)
    (tmp_path / "keys" / "groundlink.key_secret").unlink()
    assert groundlink("run", "--config", str(path)).returncode == 2


def test_the_link_alone_says_what_keeps_it_from_starting(tmp_path: Path) -> None:
    with vehicle(tmp_path, fly=False) as here:
        arguments = [sys.executable, "-m", "groundlink.link", "--config", str(here.path)]
        second = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "is another one running" in second.stderr
