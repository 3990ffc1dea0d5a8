"""What a client says when it was stopped itself, and when its daemon was started anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from groundlink import configuration
from groundlink.client import Client
from tests.wire.ground import ScriptedAircraft, until, vehicle, write_config
from wire.errors import LinkError
from wire.messages import Stage, Verb

STOPPED_WALL_S = 7.0
"""Longer than a client waits for its first answer."""


def launching(config: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "groundlink.main", "launch", "--config", str(config)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ended", [True, False])
def test_a_client_that_was_stopped_reads_what_has_come(tmp_path: Path, ended: bool) -> None:
    with vehicle(tmp_path) as here:
        here.aircraft.script = lambda _: [(0.5, Stage.ACCEPTED, "goes"), (1.0 if ended else 10.0, Stage.DONE, "is up")]
        with launching(here.path) as client:
            until(here.aircraft.launches, "the launch on the air")
            client.send_signal(signal.SIGSTOP)
            time.sleep(STOPPED_WALL_S)
            client.send_signal(signal.SIGCONT)
            said, progress = client.communicate(timeout=30)
        assert (client.returncode, said) == (0, "Launch done: is up.\n"), progress
        assert len({command.id for command in here.aircraft.commands}) == 1


@contextmanager
def link(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon as a process of its own."""
    with subprocess.Popen([sys.executable, "-m", "groundlink.link", "--config", str(config)]) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


@contextmanager
def flying(config: configuration.GroundlinkConfig) -> Iterator[ScriptedAircraft]:
    aircraft, stop = ScriptedAircraft(config), threading.Event()
    thread = threading.Thread(target=aircraft.run, args=(stop,))
    thread.start()
    try:
        yield aircraft
    finally:
        stop.set()
        thread.join(10)


@pytest.mark.timeout(60)  # it used to be silent for three minutes
def test_a_daemon_that_was_started_anew_is_noticed_and_nothing_is_given_twice(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    config = configuration.load(path)
    with flying(config) as aircraft, Client(config) as client:
        aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes")]
        with link(path):
            until(lambda: any(beat.echo is not None for beat in aircraft.heartbeats), "the link")
            answers = client.order(Verb.LAUNCH)
            assert next(answers).stage is Stage.ACCEPTED
        given = len(aircraft.commands)
        with link(path), pytest.raises(LinkError, match=r"was started anew meanwhile: launch was given .*'groundlink status'"):
            next(answers)
        assert len(aircraft.commands) == given


@pytest.mark.timeout(60)
def test_a_daemon_that_does_not_come_back_is_called_silent(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    config = configuration.load(path)
    with flying(config) as aircraft, Client(config) as client:
        aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes")]
        with link(path):
            until(lambda: any(beat.echo is not None for beat in aircraft.heartbeats), "the link")
            answers = client.order(Verb.LAUNCH)
            assert next(answers).stage is Stage.ACCEPTED
        with pytest.raises(LinkError, match="no longer answers: launch was given"):
            next(answers)


def test_questions_leave_no_trace_in_the_log(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes"), (5.0, Stage.DONE, "is up")]
        assert [answer.stage for answer in client.order(Verb.LAUNCH)] == [Stage.ACCEPTED, Stage.DONE]
    kinds = [line["kind"] for line in here.log()]
    assert (kinds.count("order"), kinds.count("answer")) == (1, 2)


def groundlink(*arguments: str, folder: Path, encoding: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"PYTHONIOENCODING": encoding} if encoding else {})
    command = [sys.executable, "-m", "groundlink", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("words", "encoding"), [("\udcff\udcfe", "utf-8:strict"), ("\N{BLACK SUN WITH RAYS}", "latin-1")])
def test_text_that_the_terminal_cannot_show_is_no_crash(tmp_path: Path, words: str, encoding: str) -> None:
    write_config(tmp_path)
    said = groundlink("say", words, folder=tmp_path, encoding=encoding)
    assert said.returncode == 3 and "is not a command" in said.stdout and said.stderr == ""


def test_empty_names_are_refused(tmp_path: Path) -> None:
    write_config(tmp_path)
    before = sorted(tmp_path.iterdir())
    for arguments in (["keys", "--folder", ""], ["launch", ""], ["check-config", ""], ["status", "--config", " "]):
        refused = groundlink(*arguments, folder=tmp_path)
        assert refused.returncode == 2 and "the name is empty" in refused.stderr, refused
    assert sorted(tmp_path.iterdir()) == before


def test_a_mission_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write_config(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    refused = groundlink("launch", "pipe", folder=tmp_path)
    assert refused.returncode == 2 and "pipe: is a pipe or device; name a file" in refused.stderr


def test_keys_repairs_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    public, secret = tmp_path / "keys" / "operator.key", tmp_path / "keys" / "operator.key_secret"
    public.unlink()
    assert groundlink("check-config", str(path), folder=tmp_path).returncode == 2
    made = groundlink("keys", folder=tmp_path)
    assert made.returncode == 0 and "Made 1 key files in keys: operator.key." in made.stdout
    assert groundlink("check-config", str(path), folder=tmp_path).returncode == 0
    secret.unlink()
    left = groundlink("keys", folder=tmp_path)
    assert "operator.key is in keys without operator.key_secret" in left.stdout
    assert "copy the new operator.key into the keys folder of every other machine" in left.stdout
    assert "nothing was changed" not in left.stdout
    assert json.loads(groundlink("keys", "--json", folder=tmp_path).stdout)["without_secret"] == ["operator"]


def test_check_config_looks_at_what_the_verbs_need(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    secret = tmp_path / "keys" / "operator.key_secret"
    text = secret.read_text()

    def complaint() -> str:
        checked = groundlink("check-config", str(path), folder=tmp_path)
        assert (checked.returncode, checked.stdout) == (2, "")
        return checked.stderr

    secret.chmod(0o644)
    assert "operator.key_secret is readable by others" in complaint()
    secret.chmod(0o600)
    secret.write_text("")
    assert "operator.key_secret is not a key file" in complaint()
    secret.write_bytes((tmp_path / "keys" / "guest.key_secret").read_bytes())
    assert "operator.key does not belong to" in complaint()
    secret.unlink()
    assert "no secret key" in complaint()
    secret.write_text(text)
    secret.chmod(0o600)
    assert groundlink("check-config", str(path), folder=tmp_path).returncode == 0


def test_check_config_looks_at_the_folders_and_the_clock(tmp_path: Path) -> None:
    path = write_config(tmp_path, clock_speed=5.0)
    checked = groundlink("check-config", str(path), folder=tmp_path)
    assert checked.returncode == 0 and "\nwarning: clock_speed is 5, for simulations only" in checked.stdout
    path.write_text(path.read_text().replace("log_folder: log", "log_folder: /dev/null/x"))
    wrong = groundlink("check-config", str(path), folder=tmp_path)
    assert wrong.returncode == 2 and ": log_folder: /dev/null/x cannot be a folder" in wrong.stderr


def test_without_a_terminal_watch_tells_each_change_when_it_happens(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        arguments = [sys.executable, "-m", "groundlink", "watch", "--config", str(here.path)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            assert "the aircraft is on the roof, stowed" in watching.stdout.readline().lower()
            here.aircraft.state = {"failsafe": True}
            until(lambda: "PX4 is in a failsafe" in str(watching.stdout and watching.stdout.readline()), "the warning")
            watching.send_signal(signal.SIGINT)
            assert watching.wait(10) == 0


def test_an_order_refused_is_said_once_with_what_to_do(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        here.aircraft.script = lambda _: [(0.0, Stage.REFUSED, "hold refused: it means nothing while stowed")]
        refused = groundlink("hold", folder=tmp_path)
        assert refused.returncode == 3
        assert refused.stdout == "Hold refused: it means nothing while stowed; now you can order launch.\n"
