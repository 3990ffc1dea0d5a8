"""The on-board configuration file: hardware/samples/onboard.yaml is the annotated sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from onboard.flight.configuration import FlightConfig
from onboard.vision.configuration import VisionConfig
from wire import configuration
from wire.configuration import Section
from wire.endpoints import leads_to, taken_twice


class OnboardConfig(Section, frozen=True, kw_only=True):
    """Relative folders start at the file's own folder."""

    keys_folder: Path
    log_folder: Path
    clock_speed: Annotated[float, Meta(ge=0.1, le=100)] = 1.0  # other than 1 only in a simulation
    flight: FlightConfig = FlightConfig()
    vision: VisionConfig = VisionConfig()

    def problem(self) -> tuple[str, str] | None:
        return self._places() or self._cameras() or self._limits()

    def _places(self) -> tuple[str, str] | None:
        flight, ends = self.flight, self.vision.endpoints
        bound = {
            "flight.downlink": flight.downlink,
            "flight.uplink": flight.uplink,
            "flight.pose": flight.pose,
            "vision.endpoints.video": ends.video,
            "vision.endpoints.detections": ends.detections,
            "vision.endpoints.video_request": ends.video_request,
        }
        twice = taken_twice(bound, {})
        if twice is not None:
            return twice
        if not leads_to(flight.vision, ends.detections):
            return "flight.vision", f"must be the same as vision.endpoints.detections, {ends.detections}"
        if not leads_to(ends.pose, flight.pose):
            return "vision.endpoints.pose", f"must be the same as flight.pose, {flight.pose}"
        return None

    def _cameras(self) -> tuple[str, str] | None:
        ahead, down = self.vision.camera, self.vision.landing.camera
        same = down is not None and (down.kind, down.source) == (ahead.kind, ahead.source)
        if same and ahead.kind != "file":
            return "vision.landing.camera.source", f"{ahead.source} is the camera ahead; one cannot look both ways"
        port = self.flight.autopilot.rpartition(":")[2] if self.flight.autopilot.startswith("udp:") else None
        for field, camera in (("vision.camera.source", ahead), ("vision.landing.camera.source", down)):
            if camera is not None and camera.kind == "rtp" and camera.source.rpartition(":")[2] == port:
                return field, f"UDP port {port} is the autopilot's; let the camera send to another"
        return None

    def _limits(self) -> tuple[str, str] | None:
        limits = self.flight.limits
        if limits.max_height_m <= limits.min_height_m:
            return "flight.limits.max_height_m", (
                f"{limits.max_height_m:g} m is not above min_height_m, {limits.min_height_m:g} m: nothing could be flown"
            )
        return None


def load(path: Path) -> OnboardConfig:
    """Read and check the file. Raises ConfigurationError with file, line, field and what would be right."""
    return configuration.load(path, OnboardConfig)
