"""Recordings as `sitl fly` leaves them: with what the autopilot was started with, and a track by GLOBAL_POSITION_INT."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

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


def heartbeat(*, armed: bool) -> mavlink.MAVLink_message:
    return M.MAVLink_heartbeat_message(2, 12, M.MAV_MODE_FLAG_SAFETY_ARMED if armed else 0, 0, 3, 3)


def written(folder: Path) -> Path:
    log, codec = Tlog(folder / "flight.tlog"), mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
    for t_s, message in ((1.0, heartbeat(armed=False)), (1.1, at(1.1, 0.0, 0.0)), (2.0, at(2.0, 0.0, 0.0))):
        log.write(1e9 + t_s, message.pack(codec))
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
