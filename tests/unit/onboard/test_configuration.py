"""The aircraft's sample is right; what does not go together is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from onboard.configuration import OnboardConfig, load
from wire import configuration
from wire.errors import ConfigurationError

SAMPLE = Path(__file__).parents[3] / "hardware" / "samples" / "onboard.yaml"


def complaint(right: str, wrong: str) -> str:
    text = SAMPLE.read_text()
    assert right in text
    with pytest.raises(ConfigurationError) as caught:
        configuration.parse(text.replace(right, wrong, 1), OnboardConfig, "o")
    return str(caught.value)


def test_the_sample_is_right() -> None:
    assert load(SAMPLE).flight.autopilot == "serial:/dev/serial0:921600"


@pytest.mark.parametrize(
    ("right", "wrong", "field", "words"),
    [
        (":921600", ":12", "flight.autopilot", "at a usual rate, like serial:/dev/serial0:921600"),
        ("serial:/dev/serial0:921600", "udp:0.0.0.0:99999", "flight.autopilot", "udp:ADDRESS:PORT"),
        ("serial:/dev/serial0:921600", "/dev/serial0", "flight.autopilot", "serial:DEVICE:BAUD"),
        ("127.0.0.1:5601", "127.0.0.1:0", "flight.downlink", "a port from 1 to 65535"),
        ("127.0.0.1:5602", "127.0.0.1:5601", "flight.uplink", "is the place of flight.downlink already"),
        ("127.0.0.1:5605", "0.0.0.0:5602", "vision.endpoints.video_request", "is the place of flight.uplink already"),
        ("detections: tcp://127.0.0.1:5604", "detections: tcp://10.0.0.2:5604", "flight.vision", "must be the same as vision."),
        (
            "    pose: tcp://127.0.0.1:5606",
            "    pose: tcp://127.0.0.1:5607",
            "vision.endpoints.pose",
            "same as flight.pose",
        ),
        ("/dev/video2", "/dev/video0", "vision.landing.camera.source", "one cannot look both ways"),
        ("max_height_m: 60", "max_height_m: 5", "flight.limits.max_height_m", "is not above min_height_m, 5 m"),
    ],
)
def test_what_does_not_go_together_is_named(right: str, wrong: str, field: str, words: str) -> None:
    said = complaint(right, wrong)
    assert said.startswith("o:") and f": {field}: " in said and words in said


def test_the_autopilot_and_a_camera_have_a_udp_port_each() -> None:
    text = SAMPLE.read_text().replace("serial:/dev/serial0:921600", "udp:0.0.0.0:14540")
    text = text.replace("kind: v4l2 ", "kind: rtp ", 1).replace("source: /dev/video0", "source: '14540'", 1)
    with pytest.raises(ConfigurationError, match=r"vision\.camera\.source: UDP port 14540 is the autopilot's"):
        configuration.parse(text, OnboardConfig, "o")
