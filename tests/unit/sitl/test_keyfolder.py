"""Throw-away keys: private while a simulation lives, gone afterwards however it ended."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sitl.stack.keyfolder import PREFIX, KeyFolder, sweep
from tests.sitl.stack.processes import secrets_in
from wire import keys
from wire.errors import KeysError

HOLDING = """
import sys, time
from pathlib import Path
from sitl.stack.keyfolder import KeyFolder
print(KeyFolder(Path(sys.argv[1])).path, flush=True)
time.sleep(600)
"""


def test_the_keys_are_private_and_go_away(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    assert folder.path.parent == tmp_path
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert keys.load(folder.path, "groundlink").peer("aircraft")
    folder.close()
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_simulation_keeps_its_keys_and_a_killed_ones_are_swept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        path = Path(other.stdout.readline().strip())
        assert sweep(tmp_path) == []
        mine = KeyFolder(tmp_path)
        assert secrets_in(path) and secrets_in(mine.path)
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    next_one = KeyFolder(tmp_path)
    assert not path.exists()
    assert secrets_in(mine.path) and secrets_in(next_one.path)
    mine.close()
    next_one.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_a_key_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "other")
    (tmp_path / f"{PREFIX}file").write_text("not a folder")
    assert sweep(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is forbidden to root")
def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(KeysError, match="TMPDIR"):
        KeyFolder(tmp_path)
    tmp_path.chmod(0o700)


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match=r"nowhere \(No such file or directory\)"):
        KeyFolder(tmp_path / "nowhere")
