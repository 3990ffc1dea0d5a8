"""The receiving end: gaps, damage, restarts, figures."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundlink.video.receiver import REQUEST_PERIOD_S, Figures, Receiver
from tests.unit.vision.packets import video
from wire.messages import VideoPacket


def shown(receiver: Receiver, packets: list[VideoPacket]) -> list[int]:
    return [packet.sequence for packet in packets if receiver.take(packet) is not None]


def test_whole_video_is_shown_whole() -> None:
    receiver = Receiver()
    assert shown(receiver, video(10)) == list(range(1, 11))
    assert (receiver.received, receiver.lost, receiver.reason) == (10, 0, "")
    assert not receiver.wants_keyframe(0.0)


def test_after_a_gap_nothing_is_shown_until_a_keyframe_and_one_is_asked_for() -> None:
    receiver, packets = Receiver(), video(10, keyframes=(7,))
    assert shown(receiver, packets[:3]) == [1, 2, 3]
    assert shown(receiver, packets[5:7]) == []
    assert "lost" in receiver.reason
    assert receiver.wants_keyframe(20.0)
    assert not receiver.wants_keyframe(20.0 + 0.9 * REQUEST_PERIOD_S), "not so soon again"
    assert receiver.wants_keyframe(20.0 + REQUEST_PERIOD_S)
    assert shown(receiver, packets[7:]) == [8, 9, 10]
    assert receiver.lost == 4, "two never came, two came in vain"
    assert receiver.reason == ""
    assert not receiver.wants_keyframe(99.0)


def test_a_watcher_who_comes_late_asks_for_a_keyframe() -> None:
    receiver = Receiver()
    assert not receiver.wants_keyframe(1.0), "nothing comes yet: nothing to ask for"
    assert shown(receiver, video(6)[3:]) == []
    assert receiver.wants_keyframe(1.0)


def test_damage_is_noticed_and_cured_by_the_next_keyframe() -> None:
    receiver, packets = Receiver(), video(9, keyframes=(6,))
    packets[3] = msgspec.structs.replace(packets[3], data=packets[3].data[: len(packets[3].data) // 2])
    assert shown(receiver, packets) == [1, 2, 3, 7, 8, 9]
    assert receiver.lost == 3


def test_a_sender_that_starts_anew_is_followed() -> None:
    receiver = Receiver()
    assert shown(receiver, video(5)) == [1, 2, 3, 4, 5]
    assert shown(receiver, video(3)) == [1, 2, 3]
    assert receiver.lost == 0


def test_a_change_of_codec_is_followed() -> None:
    receiver = Receiver()
    assert shown(receiver, video(3) + video(3, codec="mjpeg", start=4) + video(2, start=7)) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_codec_nobody_knows_is_said() -> None:
    receiver = Receiver()
    assert shown(receiver, [msgspec.structs.replace(video(1)[0], codec="vp9")]) == []
    assert "vp9" in receiver.reason


PACKETS = video(6, keyframes=(3,)) + video(2, codec="mjpeg", start=7)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 400), st.binary(max_size=8), st.booleans()), max_size=12))
def test_no_order_cut_or_damage_breaks_the_receiver(steps: list[tuple[int, int, bytes, bool]]) -> None:
    receiver = Receiver()
    for index, keep, junk, whole in steps:
        packet = PACKETS[index]
        data = packet.data if whole else packet.data[:keep] + junk + packet.data[keep + len(junk) :]
        receiver.take(msgspec.structs.replace(packet, data=data))
    assert receiver.received == len(steps)
    assert shown(receiver, video(3, start=50)) == [50, 51, 52], "and afterwards it works"


def test_figures_look_back_five_seconds() -> None:
    figures = Figures(0.0)
    for index in range(300):
        figures.arrived(index / 15, 1000)
        figures.shown(index / 15, 0.001 * index)
    now_s = 299 / 15
    assert figures.frames_per_s(now_s) == pytest.approx(15, rel=0.03)
    assert figures.kilobits_per_s(now_s) == pytest.approx(15 * 8, rel=0.03)
    median, late = figures.latency_ms(now_s, 0.5), figures.latency_ms(now_s, 0.95)
    assert median is not None
    assert late is not None
    assert median == pytest.approx(262, abs=2)
    assert late == pytest.approx(296, abs=2)


def test_without_compared_clocks_there_is_no_latency() -> None:
    figures = Figures(0.0)
    figures.shown(1.0, None)
    assert figures.latency_ms(1.0, 0.5) is None
    assert figures.frames_per_s(1.0) == 1.0, "not diluted by seconds that have not been"
