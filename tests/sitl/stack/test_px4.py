"""Starting a PX4 that is not ours: found in every place it may be, waited for, and gone with everything it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sitl import px4
from sitl.options import HOME
from sitl.px4 import Px4
from sitl.stack import stack
from tests.sitl.stack.processes import MARK, Sitl, until
from wire.errors import LinkError, ProcessError

FLIES = """
    mkdir -p "$W/log/2026-01-01"; echo ulog > "$W/log/2026-01-01/10_00_00.ulg"
    sleep 600 &
    printf 'INFO  [commander] \\033[32mReady for takeoff!\\033[0m\\n'
    exec sleep 600
"""
DIES = "echo 'ERROR [param] no such airframe: 9999'; exit 3"
IS_NEVER_READY = "echo 'WARN  [health] Preflight Fail: no GPS'; exec sleep 600"
IS_DEAF = "trap '' TERM INT; echo 'Ready for takeoff!'; while true; do sleep 1; done"
"""What a px4 does, as a shell script; $W is its working folder."""

DOCKER = """\
    #!/bin/sh
    # the container is a process that this program is not the parent of, as with the real docker
    echo "$@" >> "$FAKE/calls"
    case "$1" in
    run)
        for word; do [ "$before" = --name ] && name=$word; before=$word; done
        [ -e "$FAKE/$name" ] && { echo "Conflict. The container name $name is already in use"; exit 125; }
        setsid sleep 600 & echo $! > "$FAKE/$name"
        echo "Ready for takeoff!"
        tail --pid=$! -f /dev/null ;;
    image) [ -e "$FAKE/none" ] && { echo "Error: No such image: $5" >&2; exit 1; }; echo sha256:0 ;;
    rm)
        [ -e "$FAKE/$3" ] && kill -9 "$(cat "$FAKE/$3")" && rm "$FAKE/$3" ;;
    esac
"""


def tree(folder: Path, does: str = FLIES) -> Path:
    """A folder that looks like a PX4 build."""
    (folder / "etc" / "init.d-posix").mkdir(parents=True)
    (folder / "etc" / "init.d-posix" / "rcS").touch()
    (folder / "bin").mkdir()
    program = folder / "bin" / "px4"
    find_w = 'while [ $# -gt 0 ]; do [ "$1" = -w ] && W=$2; shift; done'
    program.write_text(f"#!/bin/sh\n{find_w}\n{textwrap.dedent(does)}\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Set in the environment of everything this test starts; whatever is left of it at the end is ended."""
    value = uuid.uuid4().hex
    monkeypatch.setenv(MARK, value)
    yield value
    for process in alive(value):
        process.kill()


@pytest.fixture
def instance() -> Iterator[int]:
    number, claim = stack.claim_instance()
    with claim:
        yield number


def alive(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if is_marked(process, mark)]


def is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        ours = process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return ours and process.pid != os.getpid()


def variables(speed: float = 1.0) -> dict[str, str]:
    return px4.environment(HOME, speed, {"NAV_DLL_ACT": 2})


@pytest.mark.parametrize("place", [".", "build", "build/px4_sitl_default", "build/px4_sitl_sih"])
def test_it_is_found_in_a_build_folder_and_in_a_source_tree(tmp_path: Path, place: str) -> None:
    where = tree(tmp_path / place) if place != "." else tree(tmp_path / "build")
    program, etc = px4.find(tmp_path)
    assert (program, etc) == (where / "bin" / "px4", where / "etc")


def test_it_is_found_where_its_package_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/opt/px4 with a link from /usr/bin: by the folder, by the link, and by its name."""
    installed = tree(tmp_path / "opt" / "px4")
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    link = tmp_path / "usr" / "bin" / "px4"
    link.symlink_to(installed / "bin" / "px4")
    monkeypatch.setenv("PATH", f"{link.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    for where in (installed, link, Path("px4")):
        assert px4.find(where) == (installed / "bin" / "px4", installed / "etc")


def test_where_there_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="give a folder with bin/px4 and etc/"):
        px4.find(tmp_path)


def test_it_is_waited_for_and_leaves_nothing_but_its_logs(tmp_path: Path, mark: str, instance: int) -> None:
    folder = tmp_path / "px4"
    with Px4(str(tree(tmp_path / "build")), instance, folder, variables()) as running:
        running.wait_ready(30.0)
        assert len([process for process in alive(mark) if process.name() == "sleep"]) == 2
    assert alive(mark) == []
    assert px4.collect(folder, tmp_path) == ["px4-2026-01-01-10_00_00.ulg"]
    assert (tmp_path / "px4-2026-01-01-10_00_00.ulg").read_text(encoding="ascii") == "ulog\n"


def test_one_that_dies_is_told_of_with_its_last_words(tmp_path: Path, mark: str, instance: int) -> None:
    with (
        Px4(str(tree(tmp_path / "build", DIES)), instance, tmp_path / "px4", variables()) as running,
        pytest.raises(ProcessError, match=r"code 3(?s:.*)no such airframe: 9999"),
    ):
        running.wait_ready(30.0)
    assert alive(mark) == []


def test_one_that_never_gets_ready_is_told_of_with_its_last_words(tmp_path: Path, mark: str, instance: int) -> None:
    with Px4(str(tree(tmp_path / "build", IS_NEVER_READY)), instance, tmp_path / "px4", variables()) as running:
        until(lambda: "no GPS" in px4.tail(running.log), "its words")
        with pytest.raises(ProcessError, match=r"not ready to arm after 0\.3 s(?s:.*)no GPS"):
            running.wait_ready(0.3)
    assert alive(mark) == []


@pytest.mark.slow
def test_one_that_does_not_listen_is_killed(tmp_path: Path, mark: str, instance: int) -> None:
    with Px4(str(tree(tmp_path / "build", IS_DEAF)), instance, tmp_path / "px4", variables()) as running:
        running.wait_ready(30.0)
    assert alive(mark) == []


def test_ports_in_use_are_told_of(tmp_path: Path, instance: int) -> None:
    port = 18570 + instance
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        with pytest.raises(LinkError, match=f"UDP port {port} of PX4 instance {instance} is in use"):
            Px4(str(tree(tmp_path / "build")), instance, tmp_path / "px4", variables())


PARENT = """
import sys, time
from pathlib import Path
from sitl.px4 import Px4
with Px4(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), {}) as running:
    running.wait_ready()
    print("up", flush=True)
    time.sleep(600)
"""


def kill_parent(where: str, instance: int, folder: Path) -> None:
    """Start a program that starts a PX4, and kill it when all is up."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, where, str(instance), str(folder)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        parent.send_signal(signal.SIGKILL)


def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, mark: str, instance: int) -> None:
    kill_parent(str(tree(tmp_path / "build")), instance, tmp_path / "px4")
    until(lambda: alive(mark) == [], "the end of every process", 30.0)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` on the PATH that writes down how it is called; the folder with that and the running containers."""
    folder = tmp_path / "docker"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "docker"
    program.write_text(textwrap.dedent(DOCKER), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE", str(folder))
    return folder


def calls(docker: Path) -> list[str]:
    return (docker / "calls").read_text(encoding="utf-8").splitlines()


def test_a_container_is_started_as_its_documentation_says(tmp_path: Path, mark: str, docker: Path, instance: int) -> None:
    folder = tmp_path / "px4"
    with Px4("docker:px4io/px4-sitl:v1.17.0", instance, folder, variables(4.0)) as running:
        running.wait_ready(30.0)
    run = next(call for call in calls(docker) if call.startswith("run "))
    assert run.endswith(f" px4io/px4-sitl:v1.17.0 -d -i {instance}")
    for part in (
        "--rm",
        "--network host",
        f"--name pilotfish-px4-{instance}",
        f"--volume {folder}:/px4",
        "--env XDG_DATA_HOME=/px4",
        "--env PX4_SIM_SPEED_FACTOR=4",
        "--env PX4_PARAM_NAV_DLL_ACT=2",
        f"--user {os.getuid()}:{os.getgid()}",
    ):
        assert f" {part} " in run
    assert alive(mark) == []


def test_a_stray_container_of_the_same_instance_is_removed_first(
    tmp_path: Path, mark: str, docker: Path, instance: int
) -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stray:
        (docker / f"pilotfish-px4-{instance}").write_text(str(stray.pid), encoding="ascii")
        with Px4("docker", instance, tmp_path / "px4", variables()) as running:
            running.wait_ready(30.0)
        assert stray.wait(10.0) == -signal.SIGKILL
    assert alive(mark) == []


def test_a_container_is_removed_when_the_parent_is_killed(tmp_path: Path, mark: str, docker: Path, instance: int) -> None:
    kill_parent("docker", instance, tmp_path / "px4")
    until(lambda: alive(mark) == [], "the end of every process", 30.0)
    assert calls(docker)[-1] == f"rm --force pilotfish-px4-{instance}"
    assert not (docker / f"pilotfish-px4-{instance}").exists()


def test_without_the_image_it_is_said_what_to_do_before_anything_starts(tmp_path: Path, docker: Path, instance: int) -> None:
    (docker / "none").touch()
    with pytest.raises(
        ProcessError, match=r"^give a PX4 .* --px4 PATH .*docs/sitl.md.*`docker pull some:image`.*No such image"
    ):
        Px4("docker:some:image", instance, tmp_path / "px4", variables())
    assert not [call for call in calls(docker) if call.startswith("run")]


def a_socket(path: Path) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    return bound


def test_what_killed_px4s_leave_is_taken_away(tmp_path: Path) -> None:
    for instance in (0, 41):
        a_socket(tmp_path / f"px4-sock-{instance}").close()
        (tmp_path / f"px4_lock-{instance}").touch()
    px4.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
    px4.sweep(tmp_path)


HOLDS = "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); input()"


def test_what_is_of_a_px4_that_runs_and_what_is_another_thing_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "px4_lock-41")]
    with (
        a_socket(tmp_path / "px4-sock-41"),
        a_socket(tmp_path / "px4-sock-43") as running,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holding,
    ):
        running.listen()
        assert holding.stdout is not None and holding.stdout.readline()
        (tmp_path / "px4-sock-42").touch()
        (tmp_path / "px4_lock-42").mkdir()
        px4.sweep(tmp_path)
        holding.communicate(b"\n", timeout=30.0)
    sockets = ["px4-sock-41", "px4-sock-42", "px4-sock-43"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*sockets, "px4_lock-41", "px4_lock-42"]


def test_without_docker_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instance: int) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProcessError, match="install docker"):
        Px4("docker", instance, tmp_path / "px4", variables())


def test_the_tail_is_short_and_plain(tmp_path: Path) -> None:
    log = tmp_path / "px4.log"
    assert px4.tail(log) == ""
    log.write_text("\n".join(f"\x1b[1mline {n}\x1b[0m  \n" for n in range(30)), encoding="utf-8")
    assert px4.tail(log, 2) == "line 28\nline 29"


def test_a_flight_says_what_px4_said_when_it_died(tmp_path: Path) -> None:
    with Sitl(tmp_path, "fly", "--px4", str(tree(tmp_path / "build", DIES))) as run:
        assert run.ends() == 2
        assert "no such airframe: 9999" in run.output
        assert "Traceback" not in run.output
        until(run.alone, "the end of every process", 30.0)


@pytest.mark.px4
def test_a_real_one_gets_ready_logs_its_flight_and_is_gone(tmp_path: Path, px4_path: str, mark: str, instance: int) -> None:
    folder = tmp_path / "px4"
    logging = px4.environment(HOME, 4.0, {"SDLOG_MODE": 1})  # from boot, not only while armed
    with Px4(px4_path, instance, folder, logging) as running:
        running.wait_ready()
        until(lambda: px4.logs(folder), "a log")
    assert alive(mark) == []
    (name,) = px4.collect(folder, tmp_path)
    assert (tmp_path / name).read_bytes().startswith(b"ULog")


@pytest.mark.px4
def test_a_real_one_does_not_start_twice(tmp_path: Path, px4_path: str, mark: str, instance: int) -> None:
    with Px4(px4_path, instance, tmp_path / "first", variables()) as running:
        until(lambda: "Startup script returned" in px4.tail(running.log, 200), "its start")
        with pytest.raises(LinkError, match="is in use"):
            Px4(px4_path, instance, tmp_path / "second", variables())
    assert alive(mark) == []


@pytest.mark.px4
def test_a_real_one_is_gone_when_the_parent_is_killed(
    tmp_path: Path, px4_path: str, mark: str, instance: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PX4_SIM_MODEL", "sihsim_quadx")
    kill_parent(px4_path, instance, tmp_path / "px4")
    until(lambda: alive(mark) == [], "the end of every process", 30.0)
