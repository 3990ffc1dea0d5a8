"""Record folders: a new one for each start, and none left without anything in it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from sitl.report.folders import new_folder, record_folder
from wire.errors import ConfigurationError


def test_kept_when_there_is_something_in_it(tmp_path: Path) -> None:
    with record_folder(tmp_path / "flights") as folder:
        (folder.path / "report.md").touch()
        folder.keep = True
    assert (folder.path / "report.md").is_file()


def test_taken_away_otherwise_with_the_folder_it_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError), record_folder(tmp_path / "a" / "flights") as folder:
        (folder.path / "stack").mkdir()
        raise ConfigurationError("refused")
    assert list((tmp_path / "a").iterdir()) == []


def test_it_is_named_by_its_start(tmp_path: Path) -> None:
    with record_folder(tmp_path) as folder:
        assert folder.path.name.startswith(f"{folder.started:%Y-%m-%dT%H-%M-%S}")
        assert folder.started.utcoffset() is not None


def test_the_flights_before_stay(tmp_path: Path) -> None:
    (tmp_path / "earlier").mkdir()
    with record_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["earlier"]


def test_another_start_of_the_same_second_has_its_own(tmp_path: Path) -> None:
    assert len({new_folder(tmp_path, datetime.now().astimezone()) for _ in range(5)}) == 5


def test_a_relative_place_is_taken_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with record_folder(Path("flights")) as folder:
        assert folder.path.is_absolute() and folder.path.parent == tmp_path / "flights"


def test_where_no_folder_can_be_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for base in (tmp_path / "file", tmp_path / "file" / "flights"):
        with pytest.raises(ConfigurationError, match="choose another"), record_folder(base):
            pass


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is forbidden to root")
def test_where_nothing_may_be_written_it_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match="Permission denied"), record_folder(tmp_path / "flights"):
        pass
    tmp_path.chmod(0o700)
