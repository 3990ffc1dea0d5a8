"""What comparing finds, and what it lets pass."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.differences import compare
from sitl.compare.narrative import Narrative, Place, tell
from sitl.compare.recording import Said, Told
from tests.unit.compare.story import ORBIT, flight, heartbeat, home


def told(*times_s: float) -> list[Told]:
    message = mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)
    return [Told(t, b"", message) for t in times_s]


def found(ours: list[Said], *acts_s: float) -> list[str]:
    return compare(tell(flight()), tell(ours), told(*acts_s)).found


def changes(narrative: Narrative, what: str) -> list[object]:
    return [change.value for change in narrative.changes.get(what, [])]


def test_a_flight_does_not_differ_from_itself() -> None:
    assert found(flight(), 4.0) == []
    assert len(compare(tell(flight()), tell(flight()), told(4.0)).track) > 20


def test_what_came_too_late_is_found() -> None:
    sentences = found(flight(late_s=3.0), 4.0)
    assert len(sentences) == 2  # arming in the heartbeat, and its acknowledgement
    assert "armed: True came +2.0 s off, 1.0 s allowed (recorded 4.0 s, here 7.0 s)" in sentences


@pytest.mark.parametrize(("late_s", "differs"), [(0.9, False), (1.2, True)])
def test_an_acknowledgement_may_be_a_second_late(late_s: float, differs: bool) -> None:
    assert any("ARM_DISARM" in one for one in found(flight(late_s=late_s), 4.0)) is differs


def test_long_after_a_command_more_is_allowed() -> None:
    assert found(flight(late_s=3.0), 4.0)
    row = next(r for r in compare(tell(flight(late_s=3.0)), tell(flight()), told(0.0)).rows if r.what == "armed" and r.theirs)
    assert row.allowed_s == pytest.approx(1.0)
    late = [Said(one.t_s + 90.0, one.message) for one in flight()]
    assert max(r.allowed_s for r in compare(tell(late), tell(late), told(1.0)).rows) == pytest.approx(0.15 * (94.1 - 1.0))


def test_another_answer_is_found() -> None:
    assert found(flight(result=1), 4.0) == [
        "COMMAND_ACK: COMPONENT_ARM_DISARM: TEMPORARILY_REJECTED at 4.1 s instead of COMPONENT_ARM_DISARM: ACCEPTED at 4.1 s"
    ]


def test_what_did_not_happen_is_found() -> None:
    assert "armed: True at 4.0 s did not happen" in found(flight(armed=False), 4.0)


def test_what_the_recording_does_not_have_is_found() -> None:
    circling = heartbeat(True, ORBIT)
    extra = [Said(t_s, circling if said.get_type() == "HEARTBEAT" and 20.0 <= t_s < 24.0 else said) for t_s, said in flight()]
    assert "mode: 3.1 at 20.0 s did not happen in the recording" in found(extra, 4.0)


def test_what_happened_at_the_end_of_the_recording_may_come_after_it() -> None:
    landed = [*flight(), Said(29.9, mavlink.MAVLink_extended_sys_state_message(0, 1))]
    landed = sorted([*landed, Said(3.0, mavlink.MAVLink_extended_sys_state_message(0, 2))], key=lambda one: one.t_s)
    airborne = [Said(t_s, said) for t_s, said in landed if t_s < 29.9 or said.get_type() != "EXTENDED_SYS_STATE"]
    assert compare(tell(landed), tell(airborne), told(4.0)).found == []


@pytest.mark.parametrize(("off_m", "differs"), [(0.5, False), (4.0, True)])
def test_a_track_elsewhere_is_found(off_m: float, differs: bool) -> None:
    assert any("the track is off" in one for one in found(flight(off_m=-off_m), 29.0)) is differs


def test_a_home_that_wanders_a_little_has_not_moved() -> None:
    said = [Said(1.0, home(48.8584)), Said(3.0, home(48.858405, 35.9)), Said(5.0, home(48.8585))]
    assert changes(tell(said), "home") == [Place(48.8584, 2.2945, 35.0), Place(48.8585, 2.2945, 35.0)]


def test_an_orbit_ends_when_its_status_stops() -> None:
    status = mavlink.MAVLink_orbit_execution_status_message(0, 25.0, 0, 488584000, 22945000, 60.0)
    said = [Said(t / 5, status) for t in range(50)] + [Said(12.0, heartbeat(True))]
    assert changes(tell(said), "orbit") == [Place(48.8584, 2.2945, 25.0), None]


def test_texts_are_joined_and_their_numbers_left_out() -> None:
    long = b"RTL: start return at 520 m (30 m above destination" + b")\t"
    pieces = [(long[:50], 0), (long[50:], 1)]
    said = [Said(1.0, mavlink.MAVLink_statustext_message(6, piece, 7, number)) for piece, number in pieces]
    assert [change.value for change in tell(said).texts] == ["6 RTL: start return at # m (# m above destination)"]


def test_what_one_heartbeat_alone_showed_may_have_been_missed() -> None:
    """Disarmed for a moment, between two heartbeats of the other; not so when it lasted."""

    def heartbeats(*armed: int) -> list[Said]:
        kinds = [mavlink.MAVLink_heartbeat_message(2, 12, 29 | on << 7, 0x03040000, 4, 3) for on in armed]
        return [Said(float(t_s), kind) for t_s, kind in enumerate(kinds)]

    seen = tell(heartbeats(0, 1, 1, 0, 1, 1, 0, 0))
    missed = compare(seen, tell(heartbeats(0, 1, 1, 1, 1, 1, 0, 0)), told(0.0))
    assert [row.what for row in missed.rows if not row.same] == []
    lasting = tell(heartbeats(0, 1, 0, 0, 0, 1, 0, 0))
    assert [row.what for row in compare(lasting, tell(heartbeats(0, 1, 1, 1, 1, 1, 0, 0)), told(0.0)).rows if not row.same]
