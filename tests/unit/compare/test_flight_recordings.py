"""Recordings as `sitl fly` leaves them: with what the autopilot was started with, and a track by GLOBAL_POSITION_INT."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl import main
from sitl.compare import narrative, recording
from sitl.compare.recording import Said
from sitl.tlog import Tlog
from wire.errors import ReplayError

M = mavlink


def at(t_s: float, north_deg: float, up_m: float) -> mavlink.MAVLink_message:
    height_mm = round(1e3 * up_m)
    return M.MAVLink_global_position_int_message(
        round(t_s * 1e3), round(1e7 * (47.0 + north_deg)), 85_000_000, 500_000 + height_mm, height_mm, 300, 400, 0, 0
    )


def heartbeat(*, armed: bool = False, kind: int = 2, autopilot: int = 12) -> mavlink.MAVLink_message:
    return M.MAVLink_heartbeat_message(kind, autopilot, M.MAV_MODE_FLAG_SAFETY_ARMED if armed else 0, 0, 3, 3)


BEGAN_UNIX_S = 1e9


def written(folder: Path, beat: mavlink.MAVLink_message | None = None, *, wrong: dict[int, float] | None = None) -> Path:
    """Ten seconds on the ground. `wrong`: by how much the time stamps of these positions are off, in seconds."""
    log, codec = Tlog(folder / "flight.tlog"), mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
    log.write(BEGAN_UNIX_S + 1.0, (beat or heartbeat()).pack(codec))
    for second in range(1, 11):
        log.write(BEGAN_UNIX_S + second + (wrong or {}).get(second, 0.0), at(float(second), 0.0, 0.0).pack(codec))
    log.close()
    return folder / "flight.tlog"


def test_the_track_goes_on_where_the_local_positions_stop() -> None:
    local = [Said(t_s, M.MAVLink_local_position_ned_message(0, 0, 0, 0, 0, 0, 0)) for t_s in (1.0, 2.0)]
    told = [
        *local,
        Said(2.5, heartbeat(armed=False)),
        Said(3.0, at(3.0, 0.0, -1.0)),
        Said(4.0, at(4.0, 0.0, 0.0)),  # where it stands when it is armed is what counts
        Said(5.0, heartbeat(armed=True)),
        Said(20.0, at(20.0, 1e-4, 10.0)),
    ]
    first, *_, last = narrative.tell(told).track
    assert first.down_m == pytest.approx(1.0) and last.down_m == pytest.approx(-10.0, abs=1e-3)
    assert last.north_m == pytest.approx(11.12, abs=0.05) and last.speed_m_s == pytest.approx(5.0)


def test_local_positions_count_while_they_come() -> None:
    told = [Said(1.0, at(1.0, 0.0, 3.0)), Said(1.1, M.MAVLink_local_position_ned_message(0, 1, 2, -3, 0, 0, 0))]
    assert [point.north_m for point in narrative.tell(told).track] == [1.0]


def test_what_it_was_started_with_is_read_from_beside(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert (recording.load(path).parameters, recording.load(path).speed) == ({}, 1.0)
    (tmp_path / "flight.json").write_text('{"home": [1, 2, 3], "speed": 4, "parameters": {"A": 2}}', encoding="utf-8")
    loaded = recording.load(path)
    assert (loaded.home, loaded.parameters, loaded.speed) == ((1.0, 2.0, 3.0), {"A": 2.0}, 4.0)


def test_what_is_damaged_beside_it_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "flight.json").write_text('{"home": 3}', encoding="utf-8")
    with pytest.raises(ReplayError, match=r"flight\.json, beside the recording"):
        recording.load(path)


@pytest.mark.parametrize(
    "about",
    [
        '{"speed": 0}',
        '{"speed": -1}',
        '{"speed": 1e300}',
        '{"home": [1e300, 2, 3]}',
        '{"parameters": {"MIS_TAKEOFF_ALT": 1e300}}',
        '{"parameters": {"NOPE": 1}}',
        '{"parameters": {"NAV_DLL_ACT": 0.5}}',
        "\xff",
    ],
)
def test_what_no_autopilot_can_be_started_with_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], about: str) -> None:
    path = written(tmp_path)
    (tmp_path / "flight.json").write_text(about, encoding="latin-1")
    assert main.main(["compare", str(path), "--picture", str(tmp_path / "a.png")]) == 2
    assert "flight.json, beside the recording" in capsys.readouterr().err


DAY_S = 86400.0


@pytest.mark.parametrize("off_s", [DAY_S, -DAY_S, 30 * 365 * DAY_S, 1e12])
@pytest.mark.parametrize("second", [1, 5, 10])
def test_a_packet_of_another_time_is_left_out_and_told(tmp_path: Path, off_s: float, second: int) -> None:
    path = written(tmp_path, wrong={second: off_s})
    if BEGAN_UNIX_S + off_s < 0:
        pytest.skip("no such stamp")
    loaded = recording.load(path)
    assert loaded.end_s == pytest.approx(9.0 if second == 10 else 10.0)
    assert len(loaded.said) == 10
    assert any("1 of 11 packets are more than 30 s away" in doubt for doubt in loaded.doubts)


def test_a_clock_that_was_set_is_no_endless_flight(tmp_path: Path) -> None:
    """More than a packet or two: the autopilot's own clock counts, as far as the order of both is the same."""
    path = written(tmp_path, wrong=dict.fromkeys(range(5, 11), DAY_S))
    assert recording.load(path).end_s == pytest.approx(10.0)
    path = written(tmp_path, wrong=dict.fromkeys(range(5, 11), -DAY_S))
    with pytest.raises(ReplayError, match="clock was set back in it: cut one flight out of it"):
        recording.load(path)


def test_hours_after_the_autopilot_told_its_time_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with path.open("ab") as file:
        for second in range(10):
            stamp = round((BEGAN_UNIX_S + DAY_S + second) * 1e6).to_bytes(8, "big")
            file.write(stamp + heartbeat().pack(mavlink.MAVLink(None, srcSystem=1, srcComponent=1)))
    with pytest.raises(ReplayError, match="cut one flight out of it"):
        recording.load(path)


def test_damage_is_skipped_and_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = bytearray(path.read_bytes())
    lost = len(data) // 2
    while data[lost] != 0xFD:
        lost += 1
    data[lost] = 0
    path.write_bytes(data)
    loaded = recording.load(path)
    assert len(loaded.said) == 10
    assert any("bytes are no whole packets" in doubt for doubt in loaded.doubts)


def test_a_packet_with_a_wrong_checksum_is_left_out_and_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    loaded = recording.load(path)
    assert len(loaded.said) == 10
    assert any("1 of 11 packets are damaged" in doubt for doubt in loaded.doubts)


@pytest.mark.parametrize("packed", [False, True])
def test_what_was_cut_off_is_used_as_far_as_it_goes_and_told(tmp_path: Path, packed: bool) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    path.write_bytes(gzip.compress(data, mtime=0)[:-40] if packed else data[:-5])
    loaded = recording.load(path)
    assert 5 <= len(loaded.said) < 11
    assert any("cut off" in doubt for doubt in loaded.doubts)


@pytest.mark.parametrize(
    ("beat", "words"),
    [
        (heartbeat(autopilot=M.MAV_AUTOPILOT_ARDUPILOTMEGA), "MAV_AUTOPILOT_ARDUPILOTMEGA"),
        (heartbeat(kind=M.MAV_TYPE_FIXED_WING), "MAV_TYPE_FIXED_WING"),
        (heartbeat(kind=222), "MAV_TYPE 222"),
    ],
)
def test_another_vehicle_is_refused(tmp_path: Path, beat: mavlink.MAVLink_message, words: str) -> None:
    with pytest.raises(ReplayError, match=f"{words}.*only a PX4 multicopter"):
        recording.load(written(tmp_path, beat))


def test_one_direction_alone_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    (doubt,) = recording.load(path).doubts
    assert "nothing is told to the autopilot" in doubt
    codec = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
    beat = M.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3).pack(codec)
    order = M.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0).pack(codec)
    stamp = round((BEGAN_UNIX_S + 10.5) * 1e6).to_bytes(8, "big")
    path.write_bytes(path.read_bytes() + stamp + beat)
    (doubt,) = recording.load(path).doubts
    assert "nothing but heartbeats is told" in doubt
    path.write_bytes(path.read_bytes() + stamp + order)
    assert recording.load(path).doubts == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--param", "NOPE=3"], "there is no parameter NOPE"),
        (["--param", "MIS_TAKEOFF_ALT=1e300"], "cannot hold"),
        (["--picture", "x.foo"], "end in .png"),
        (["--picture", "/"], "it is a folder"),
        (["--picture", "/nowhere/x.png"], "its folder is not there"),
    ],
)
def test_what_cannot_be_done_is_told_before_it_is_flown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert main.main(["compare", str(written(tmp_path)), *more]) == 2
    assert words in capsys.readouterr().err


def test_a_real_px4_is_not_started_with_what_the_recorded_one_was_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PX4_PARAM_MIS_TAKEOFF_ALT", "8")
    assert main.main(["compare", str(written(tmp_path)), "--px4", "/nowhere", "--picture", str(tmp_path / "a.png")]) == 2
    assert "PX4_PARAM_MIS_TAKEOFF_ALT: unset it" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--param", "A=nan"], ["--seed", "-5"], ["--picture", ""], ["--px4", ""]])
def test_what_no_option_can_be_is_refused(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main.main(["compare", "a.tlog", *more])
    assert refused.value.code == 2
    assert f"argument {more[0]}" in capsys.readouterr().err
