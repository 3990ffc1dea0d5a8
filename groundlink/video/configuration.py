"""Section `video:` of the vehicle's configuration file."""

from __future__ import annotations

from pathlib import Path

from wire.configuration import Section
from wire.endpoints import Endpoint


class VideoEndpoints(Section, frozen=True, kw_only=True):
    """`video_state` is bound, the others are connected to."""

    video: Endpoint = "tcp://127.0.0.1:5603"
    detections: Endpoint = "tcp://127.0.0.1:5604"
    video_request: Endpoint = "tcp://127.0.0.1:5605"
    console: Endpoint = "tcp://127.0.0.1:5612"
    video_state: Endpoint = "tcp://127.0.0.1:5613"


class VideoConfig(Section, frozen=True, kw_only=True):
    """Where the video comes from and where it is kept."""

    folder: Path | None = None
    """Gets video.mp4 and detections.jsonl; None: nothing is recorded."""
    endpoints: VideoEndpoints = VideoEndpoints()
