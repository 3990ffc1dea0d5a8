"""Processes: restarted within a budget, ended within a deadline, and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wire.errors import ProcessError
from wire.supervise import Process, Supervisor, module

WAIT_S = 20.0
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def sleeper(name: str = "sleeper", **how: object) -> Process:
    return Process(name, ("sleep", "600"), **how)  # type: ignore[arg-type]


def until(true: Callable[[], object], what: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline_s, f"waited in vain: {what}"
        time.sleep(0.01)


def running(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


@pytest.fixture
def said() -> list[str]:
    return []


@contextlib.contextmanager
def supervised(said: list[str], *processes: Process, log_folder: Path | None = None) -> Iterator[Supervisor]:
    supervisor = Supervisor(list(processes), said.append, log_folder)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def test_all_run_and_all_are_stopped(said: list[str]) -> None:
    with supervised(said, sleeper("a"), sleeper("b")) as supervisor:
        pids = supervisor.pids()
        supervisor.check()
        assert set(pids) == {"a", "b"} and all(running(pid) for pid in pids.values())
    assert not any(running(pid) for pid in pids.values())
    assert supervisor.pids() == {} and said == []


def check_until(supervisor: Supervisor, said: list[str], count: int) -> None:
    """Look after the children as the owner does, until so many sentences were said."""

    def enough() -> bool:
        supervisor.check()
        return len(said) >= count

    until(enough, f"{count} sentences")


def test_a_lost_process_is_started_again_as_often_as_the_budget_says(said: list[str]) -> None:
    with supervised(said, Process("short", python("raise SystemExit(3)"), restarts=1), sleeper()) as supervisor:
        with pytest.raises(ProcessError, match="short ended with code 3 and is not started again: what it said is above"):
            check_until(supervisor, said, 3)
        assert set(supervisor.pids()) == {"sleeper"}
    assert said == ["short ended with code 3; it is started again", "short ended with code 3 and is not started again"]


def test_what_cannot_run_as_configured_is_not_started_again(said: list[str], tmp_path: Path) -> None:
    misfit = Process("misfit", python("print('no such camera'); raise SystemExit(2)"), restarts=5, misfit_code=2)
    where = f'misfit ended with code 2 and is not started again: it said "no such camera"; look into {tmp_path}'
    with supervised(said, misfit, log_folder=tmp_path) as supervisor, pytest.raises(ProcessError, match=where):
        check_until(supervisor, said, 2)
    assert said == ["misfit ended with code 2 and is not started again"]


def test_what_has_run_already_is_started_again_whatever_its_code(said: list[str], tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f"from pathlib import Path; p = Path({str(mark)!r}); r = p.exists(); p.touch(); raise SystemExit(2 if r else 1)"
    with supervised(said, Process("late", python(code), restarts=2, misfit_code=2)) as supervisor:
        check_until(supervisor, said, 2)
    assert said == ["late ended with code 1; it is started again", "late ended with code 2; it is started again"]


def test_restarts_long_ago_do_not_count(said: list[str]) -> None:
    process = Process("short", python("pass"), restarts=1, window_s=1e-6)
    with supervised(said, process) as supervisor:
        check_until(supervisor, said, 2)
    assert said == ["short ended with code 0; it is started again"] * 2


def test_the_rest_goes_on_without_what_is_not_essential(said: list[str]) -> None:
    with supervised(said, Process("vision", python("pass"), essential=False), sleeper("flight")) as supervisor:
        until(lambda: "vision" not in supervisor.pids(), "its end")
        supervisor.check()
        supervisor.check()
        assert said == ["vision ended with code 0 and is not started again"]
        assert set(supervisor.pids()) == {"flight"}


def test_what_cannot_be_started_stops_the_others(said: list[str]) -> None:
    first = sleeper("first")
    supervisor = Supervisor([first, Process("second", ("/no/such/program",))], said.append)
    with pytest.raises(ProcessError, match="second could not be started"):
        supervisor.start()
    assert supervisor.pids() == {}


def test_one_that_does_not_end_is_killed_after_its_deadline(said: list[str], tmp_path: Path) -> None:
    with supervised(said, Process("stubborn", python(STUBBORN), stop_s=0.2), log_folder=tmp_path) as supervisor:
        until(lambda: (tmp_path / "stubborn.log").read_text() == "ready\n", "its start")
        pid = supervisor.pids()["stubborn"]
    assert not running(pid)
    assert said == ["stubborn did not end within 0.2 s and was killed"]


def test_environment_folder_and_log_are_the_processs_own(said: list[str], tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['WHAT'], os.getcwd()); print('error', file=sys.stderr)"
    process = Process("talker", python(code), environment={"WHAT": "x"}, folder=tmp_path, essential=False)
    with supervised(said, process, log_folder=tmp_path) as supervisor:
        until(lambda: not supervisor.pids(), "its end")
    assert sorted((tmp_path / "talker.log").read_text().splitlines()) == ["error", f"x {tmp_path}"]


def test_ctrl_c_is_for_the_supervisor_alone(said: list[str]) -> None:
    with supervised(said, sleeper()) as supervisor:
        assert os.getpgid(supervisor.pids()["sleeper"]) != os.getpgid(0)


def test_a_module_is_run_by_the_same_python() -> None:
    assert module("onboard.flight", "--config", "x") == (sys.executable, "-m", "onboard.flight", "--config", "x")


SUPERVISING = """
import time
from wire.supervise import Process, Supervisor, leashed
supervisor = Supervisor([Process(name, leashed(("sleep", "600"))) for name in "ab"], print)
supervisor.start()
print(*supervisor.pids().values(), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_their_supervisor_however_it_ends(number: signal.Signals) -> None:
    with subprocess.Popen(python(SUPERVISING), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        until(lambda: all(psutil.Process(pid).name() == "sleep" for pid in pids), "the children's start")
        parent.send_signal(number)
        parent.wait(WAIT_S)
    until(lambda: not any(running(pid) for pid in pids), "the children's end")


DYING_AT_ONCE = """
import os, signal
from wire.supervise import Process, Supervisor, leashed
supervisor = Supervisor([Process(name, leashed(("sleep", "600"))) for name in "ab"], print)
supervisor.start()
print(*supervisor.pids().values(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_children_end_when_their_supervisor_ended_before_they_could_ask_for_it() -> None:
    with subprocess.Popen(python(DYING_AT_ONCE), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.wait(WAIT_S)
    until(lambda: not any(running(pid) for pid in pids), "the children's end")


NESTED = """
import subprocess, sys
from wire.supervise import Process, Supervisor, die_with_parent, leashed
die_with_parent()
grandchild = subprocess.run(leashed(("echo", "grandchild")), capture_output=True, text=True)
print(grandchild.returncode, grandchild.stdout, flush=True)
"""


def test_a_childs_own_children_are_not_taken_for_orphans(said: list[str], tmp_path: Path) -> None:
    with supervised(said, Process("middle", python(NESTED), essential=False), log_folder=tmp_path) as supervisor:
        until(lambda: not supervisor.pids(), "its end")
    assert (tmp_path / "middle.log").read_text().split() == ["0", "grandchild"]


STOPPING = """
import signal, time
from wire.supervise import StopFlag
stop = StopFlag()
print(bool(stop), flush=True)
while stop.count < 2:
    time.sleep(0.01)
print(bool(stop), stop.count)
"""


def test_a_stop_flag_counts_signals() -> None:
    with subprocess.Popen(python(STOPPING), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "True 2\n"
        assert process.wait(WAIT_S) == 0


HANGS_UP = """
import os, signal
from wire.supervise import StopFlag
{before}
stop = StopFlag()
for number in ({signals}):
    os.kill(os.getpid(), number)
print(stop.count, stop.by)
"""


@pytest.mark.parametrize(
    ("before", "signals", "says"),
    [
        ("", "signal.SIGHUP, signal.SIGHUP", "1 SIGHUP"),
        ("", "signal.SIGINT, signal.SIGHUP", "1 SIGINT"),
        ("", "signal.SIGHUP, signal.SIGINT", "2 SIGHUP"),
        ("signal.signal(signal.SIGHUP, signal.SIG_IGN)", "signal.SIGHUP,", "0"),
    ],
)
def test_a_closed_terminal_counts_as_one_stop_and_under_nohup_as_none(before: str, signals: str, says: str) -> None:
    code = HANGS_UP.format(before=before, signals=signals)
    ended = subprocess.run(python(code), capture_output=True, text=True, timeout=WAIT_S, check=True)
    assert ended.stdout.strip() == says
