"""Section `vision:` of the aircraft's configuration file."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from wire.configuration import Section
from wire.endpoints import Endpoint

EvenPixels = Annotated[int, Meta(ge=64, le=4096, multiple_of=2)]
FramesPerSecond = Annotated[float, Meta(ge=1, le=60)]
FieldOfView = Annotated[float, Meta(ge=10, le=150)]
PitchDown = Annotated[float, Meta(ge=0, le=90)]
KilobitsPerSecond = Annotated[int, Meta(ge=100, le=50_000)]
GopFrames = Annotated[int, Meta(ge=1, le=300)]
JpegQuality = Annotated[int, Meta(ge=1, le=100)]
EveryNth = Annotated[int, Meta(ge=1, le=30)]
HeightM = Annotated[float, Meta(ge=0, le=100)]
MarkerId = Annotated[int, Meta(ge=0, le=49)]
MarkerSideM = Annotated[float, Meta(ge=0.1, le=3)]


class CameraConfig(Section, frozen=True, kw_only=True):
    """Where pixels come from, and how the camera sits on the aircraft: fixed, looking forward and down."""

    kind: Literal["world", "file", "rtp", "v4l2"] = "v4l2"
    source: str = "/dev/video0"
    """An endpoint (world), a path (file), a UDP port or address:port that H.264 comes to (rtp), or a device (v4l2)."""
    width_px: EvenPixels = 640
    height_px: EvenPixels = 480
    frames_per_s: FramesPerSecond = 15.0
    horizontal_fov_deg: FieldOfView = 70.0
    """Across the whole width of the picture, after the lens is straightened: no lens distortion is modelled."""
    pitch_down_deg: PitchDown = 45.0
    """0: level, straight ahead; 90: straight down."""
    loop: bool = False
    """A file starts again at its end."""


class EncoderConfig(Section, frozen=True, kw_only=True):
    """How the video is compressed. `mjpeg` needs no GPL part and about four times the bits."""

    kind: Literal["x264", "mjpeg"] = "x264"
    bitrate_kbit_s: KilobitsPerSecond = 1500
    gop_frames: GopFrames = 30
    jpeg_quality: JpegQuality = 50


class DetectorConfig(Section, frozen=True, kw_only=True):
    """What is looked for. `moving`: whatever moves against the ground."""

    kind: Literal["moving", "none"] = "moving"
    every_nth_frame: EveryNth = 2
    minimum_height_m: HeightM = 3.0
    """Below it, and on the roof, the detector rests."""


class LandingConfig(Section, frozen=True, kw_only=True):
    """The second camera, which looks straight down, and the ArUco marker (4x4, 50) that lies in the middle of the roof pad.

    Without a camera the aircraft lands by position alone.
    """

    camera: CameraConfig | None = None
    marker_id: MarkerId = 0
    marker_side_m: MarkerSideM = 0.75
    """From outer edge to outer edge of its black border."""


class VisionEndpoints(Section, frozen=True, kw_only=True):
    """The first three are bound, `pose` is connected to."""

    video: Endpoint = "tcp://127.0.0.1:5603"
    detections: Endpoint = "tcp://127.0.0.1:5604"
    video_request: Endpoint = "tcp://127.0.0.1:5605"
    pose: Endpoint = "tcp://127.0.0.1:5606"


class VisionConfig(Section, frozen=True, kw_only=True):
    """Everything the vision process needs to know."""

    camera: CameraConfig = CameraConfig()
    encoder: EncoderConfig = EncoderConfig()
    detector: DetectorConfig = DetectorConfig()
    landing: LandingConfig = LandingConfig()
    endpoints: VisionEndpoints = VisionEndpoints()
