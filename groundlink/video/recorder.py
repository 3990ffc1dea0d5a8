"""What came in, kept: the packets as they are in video.mp4, the detections in detections.jsonl."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import TextIO

import av
import msgspec

from wire.errors import DeviceError
from wire.messages import Detections, VideoPacket
from wire.plain import plain

_TICKS_PER_S = 90_000
_LONGEST_STEP_S = 600.0
"""A longer step, or one backwards, means that the sender's clock began anew: a new file is begun."""
_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class Mp4Writer:
    """One file. Fragmented, one fragment per keyframe, so that what is written is playable whatever happens then."""

    def __init__(self, path: Path, first: VideoPacket) -> None:
        self.format = (first.codec, first.width, first.height)
        self.last_s = self._first_s = first.captured_s
        self._last_pts = -1
        self._container = av.open(str(path), "w", format="mp4", options=_FRAGMENTED)
        kind = "h264" if first.codec == "h264" else "mjpeg"
        with av.open(io.BytesIO(first.data), format=kind) as probe:  # finds SPS and PPS
            self._stream = self._container.add_stream_from_template(probe.streams.video[0])
        self._stream.time_base = Fraction(1, _TICKS_PER_S)

    def write(self, packet: VideoPacket) -> None:
        """Append; shown at its time of capture."""
        data = av.Packet(packet.data)
        data.stream = self._stream
        data.time_base = Fraction(1, _TICKS_PER_S)
        pts = max(self._last_pts + 1, round((packet.captured_s - self._first_s) * _TICKS_PER_S))
        data.pts = data.dts = self._last_pts = pts
        data.duration = _TICKS_PER_S // 15  # of the last frame only; the others last until the next one
        data.is_keyframe = packet.keyframe
        self._container.mux_one(data)
        self.last_s = packet.captured_s

    def close(self) -> None:
        self._container.close()


class Recorder:
    """Writes into a folder. After a failure it records no more, and `reason` says why; nothing is raised while recording."""

    def __init__(self, folder: Path) -> None:
        """Raises DeviceError where nothing can be written."""
        self.reason = ""
        self._folder = folder
        self._video: Mp4Writer | None = None
        self._files = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lines: TextIO | None = (folder / "detections.jsonl").open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise DeviceError(f"nothing can be recorded in {folder}: {error}; choose another folder") from error

    def video(self, packet: VideoPacket) -> None:
        """Keep a packet that was decoded. The file begins with a keyframe; a packet that is not one is left out until then."""
        if self.reason:
            return
        try:
            if self._video is not None and not _continues(self._video, packet):
                self._video.close()
                self._video = None
            if self._video is None:
                if not packet.keyframe:
                    return
                self._video = Mp4Writer(self._new_path(), packet)
            self._video.write(packet)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._fail(error)

    def detections(self, message: Detections) -> None:
        if self.reason or self._lines is None:
            return
        try:
            self._lines.write(json_line(message))
        except (OSError, ValueError) as error:
            self._fail(error)

    def close(self) -> None:
        """End the files. A failure here is in `reason`, too."""
        video, lines = self._video, self._lines
        self._video = self._lines = None
        for file in (video, lines):
            try:
                if file is not None:
                    file.close()
            except (av.FFmpegError, OSError, ValueError) as error:
                self.reason = self.reason or f"the recording in {self._folder} could not be ended: {error}"

    def _new_path(self) -> Path:
        """video.mp4, then video-2.mp4 and so on; what is there already is kept."""
        while True:
            self._files += 1
            path = self._folder / ("video.mp4" if self._files == 1 else f"video-{self._files}.mp4")
            if not path.is_file():
                return path

    def _fail(self, error: Exception) -> None:
        self.close()
        self.reason = f"recording in {self._folder} has stopped: {error}"[:400]


def _continues(writer: Mp4Writer, packet: VideoPacket) -> bool:
    step_s = packet.captured_s - writer.last_s
    return writer.format == (packet.codec, packet.width, packet.height) and 0 < step_s < _LONGEST_STEP_S


def json_line(message: Detections) -> str:
    """A line with names: on the wire, messages are arrays."""
    return msgspec.json.encode(plain(message)).decode() + "\n"
