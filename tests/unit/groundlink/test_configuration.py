"""The sample is right; mistakes get file, line, field and what would be right."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import missions
from groundlink import configuration
from groundlink.configuration import FixedPosition, GroundlinkConfig, NmeaPosition
from wire.errors import ConfigurationError

SAMPLE = Path(__file__).parents[3] / "hardware" / "samples" / "groundlink.yaml"
OPERATORS = "operators:\n  - name: operator\n    launch: true\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "groundlink.yaml"
    path.write_text(text)
    return path


def test_the_sample_is_right_and_says_the_defaults(tmp_path: Path) -> None:
    sample = configuration.load(SAMPLE)
    path = write(tmp_path, OPERATORS)
    defaults = configuration.load(path)
    for name in ("aircraft", "listen", "latch", "position", "video", "operators", "clock_speed", "client_key", "mission"):
        assert getattr(sample, name) == getattr(defaults, name), name


def test_the_sample_mentions_every_field() -> None:
    text = SAMPLE.read_text()
    for name in GroundlinkConfig.__struct_fields__:
        assert re.search(rf"^#?{name}:", text, re.MULTILINE), name


def test_what_is_commented_out_in_the_sample_is_right_too(tmp_path: Path) -> None:
    text = re.sub(r"^#(?=[a-z]|  )", "", SAMPLE.read_text(), flags=re.MULTILINE)
    head, _, tail = text.partition("\nposition:\n  kind: nmea")  # replaced by the other kind, further down
    config = configuration.load(write(tmp_path, head + "\n" + tail[tail.index("\n# A vehicle that never moves") :]))
    assert isinstance(config.position, FixedPosition)
    assert config.video.folder == Path("video")


def test_folders_are_taken_from_where_the_file_is(tmp_path: Path) -> None:
    config = configuration.load(write(tmp_path, OPERATORS + "keys_folder: k\nlog_folder: /var/log/x\nmission: mine.yaml\n"))
    assert config.keys_folder == tmp_path / "k"
    assert config.log_folder == Path("/var/log/x")
    assert config.mission == str(tmp_path / "mine.yaml")
    assert isinstance(config.position, NmeaPosition)


def test_missions_by_name_or_file(tmp_path: Path) -> None:
    shipped = Path(missions.__file__).parent / "launch-and-survey.yaml"
    assert configuration.mission_path("launch-and-survey", tmp_path) == shipped
    assert configuration.mission_path("nosuch", tmp_path) == tmp_path / "nosuch"
    mine = tmp_path / "launch-and-survey"
    mine.write_text("name: mine")
    assert configuration.mission_path("launch-and-survey", tmp_path) == mine
    assert configuration.mission_text(shipped) == shipped.read_text()
    with pytest.raises(ConfigurationError, match="no such file"):
        configuration.mission_text(tmp_path / "nosuch")
    with pytest.raises(ConfigurationError, match="launch-and-survey:1"):
        configuration.mission_text(mine)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="is a pipe or device; name a file"):
        configuration.mission_text(tmp_path / "pipe")


def test_where_the_configuration_is() -> None:
    assert configuration.default_path({}) == Path("groundlink.yaml")
    assert configuration.default_path({"PILOTFISH_GROUNDLINK": "/etc/x.yaml"}) == Path("/etc/x.yaml")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "operators"),
        ("operators: []\n", 1, "operators"),
        ("operators:\n  - launch: true\n", 2, "name"),
        ("operators:\n  - name: a b\n", 2, "operators.0.name"),
        ("operators:\n  - name: aircraft\n", 2, "a machine's key"),
        ("operators:\n  - name: x\n  - name: x\n", 3, "listed twice"),
        (OPERATORS + "clock_speed: 0\n", 4, "clock_speed"),
        (OPERATORS + "clock_speed: fast\n", 4, "clock_speed"),
        (OPERATORS + "clock_sped: 1\n", 4, "did you mean clock_speed?"),
        (OPERATORS + "aircraft:\n  telemetry: 10.0.0.2:5601\n", 5, "aircraft.telemetry"),
        (OPERATORS + "aircraft:\n  telemetri: tcp://10.0.0.2:5601\n", 5, "did you mean telemetry?"),
        (OPERATORS + "latch:\n  kind: rope\n", 5, "latch.kind"),
        (OPERATORS + "position:\n  kind: dowsing\n", 5, "position.kind"),
        (OPERATORS + "position:\n  kind: fixed\n  latitude_deg: 47\n", 4, "longitude_deg"),
        (OPERATORS + "position:\n  kind: nmea\n  port: 70000\n", 6, "position.port"),
        (OPERATORS + "listen:\n  console: tcp://127.0.0.1:9999\n", 4, "must be the same as listen.console"),
        (OPERATORS + "aircraft:\n  vision: tcp://127.0.0.1:9999\n", 4, "must be the same as aircraft.vision"),
        (OPERATORS + "log_exact: maybe\n", 4, "log_exact: must be true or false"),
        (OPERATORS + "aircraft:\n  commands: tcp://127.0.0.1:5601\n", 5, "is the place of aircraft.telemetry already"),
        (OPERATORS + "listen:\n  orders: tcp://0.0.0.0:5612\n", 4, "is the place of listen.orders already"),
        (OPERATORS + "listen:\n  orders: tcp://127.0.0.1:0\n", 5, "a port from 1 to 65535"),
        (OPERATORS + "latch:\n  orders: tcp://127.0.0.1:99999\n", 5, "a port from 1 to 65535"),
        (OPERATORS + "position:\n  kind: sextant\n", 5, "must be one of nmea, fixed"),
        (OPERATORS + "operators: []\n", 4, "given twice"),
        ("operators: [\n", 2, "not valid YAML"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:"), message
    assert words in message, message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["\x00", "a: &a [*a]", "- 1", "[[[[[[[", "operators: !!python/object:os.system {}"])
def test_files_that_are_no_configuration(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        configuration.load(write(tmp_path, text))
