"""H.264 over RTP, as Gazebo's camera sends it, read through the camera seam."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np
import pytest

from onboard.vision.cameras.camera import Camera
from onboard.vision.cameras.opening import open_camera
from onboard.vision.capture import Capture
from onboard.vision.configuration import CameraConfig
from onboard.vision.wake import Wake
from sitl.stack.ports import free_ports
from tests.sitl.stack.processes import until
from wire.clock import SystemClock
from wire.errors import DeviceError
from wire.keys import Keyring, load, make

BRIGHT, DARK = 200, 40


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    folder = tmp_path_factory.mktemp("keys")
    make(folder)
    return load(folder, "aircraft")


@pytest.fixture
def port() -> int:
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    return port


def config(port: int, frames_per_s: float = 60.0) -> CameraConfig:
    return CameraConfig(kind="rtp", source=f"127.0.0.1:{port}", width_px=160, height_px=120, frames_per_s=frames_per_s)


class Sender:
    """Sends a grey picture 30 times a second, 320x240; its left half is dark."""

    def __init__(self, port: int) -> None:
        self.grey = BRIGHT
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port,))

    @contextmanager
    def sending(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def _run(self, port: int) -> None:
        with av.open(f"rtp://127.0.0.1:{port}?pkt_size=1200", "w", format="rtp") as container:
            stream = container.add_stream("libx264", rate=30)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "keyint=10:repeat-headers=1"}
            for count in range(10_000):
                if self._stop.is_set():
                    return
                pixels = np.full((240, 320, 3), self.grey, np.uint8)
                pixels[:, :160] = DARK
                frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
                frame.pts = count
                container.mux(stream.encode(frame))
                time.sleep(1 / 30)


def brightness(camera: Camera) -> tuple[float, float] | None:
    """Of the left and the right half of the next frame, None when it was left out."""
    frame = camera.read(1.0)
    if frame is None:
        return None
    assert frame.bgr.shape == (120, 160, 3)
    return float(frame.bgr[:, 10:70].mean()), float(frame.bgr[:, 90:150].mean())


def test_pictures_arrive_scaled_and_change_with_what_is_sent(keyring: Keyring, port: int) -> None:
    sender = Sender(port)
    with sender.sending():
        camera = open_camera(config(port), keyring, SystemClock())
        seen = None
        while seen is None:
            seen = brightness(camera)
        assert abs(seen[0] - DARK) < 6
        assert abs(seen[1] - BRIGHT) < 6
        sender.grey = 120
        for _ in range(60):  # two seconds of frames: what was under way comes first
            seen = brightness(camera)
            if seen is not None and abs(seen[1] - 120) < 6:
                break
        else:
            pytest.fail(f"the picture did not change: {seen}")
        camera.close()


def test_frames_that_come_too_fast_are_left_out(keyring: Keyring, port: int) -> None:
    with Sender(port).sending():
        camera = open_camera(config(port, frames_per_s=5.0), keyring, SystemClock())
        kept = [frame for frame in (camera.read(1.0) for _ in range(60)) if frame is not None]
        camera.close()
    assert 5 <= len(kept) <= 30
    assert kept[-1].sequence - kept[0].sequence > len(kept)
    assert all(later.captured_s > earlier.captured_s for earlier, later in itertools.pairwise(kept))


def test_silence_is_told_of(keyring: Keyring, port: int) -> None:
    camera = open_camera(config(port), keyring, SystemClock())
    with pytest.raises(DeviceError, match=rf"no H\.264 came to 127.0.0.1:{port} for 2 s"):
        camera.read(1.0)
    camera.close()


def test_a_camera_that_comes_later_is_found(keyring: Keyring, port: int) -> None:
    clock = SystemClock()
    wake = Wake()
    with Capture(lambda: open_camera(config(port), keyring, clock), clock, wake) as capture:
        until(lambda: "no H.264" in capture.fault(clock.now_s()), "being told of the silence", 30.0)
        with Sender(port).sending():
            until(lambda: capture.take() is not None, "a frame", 30.0)
            assert capture.fault(clock.now_s()) == ""


@pytest.mark.parametrize("source", ["/dev/video0", "127.0.0.1:99999", "0", "rtp://127.0.0.1:5600"])
def test_a_source_that_is_none(keyring: Keyring, source: str) -> None:
    with pytest.raises(DeviceError, match="write a UDP port, or address:port"):
        open_camera(CameraConfig(kind="rtp", source=source), keyring, SystemClock())


def test_a_port_that_is_taken_is_told_of(keyring: Keyring, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        with pytest.raises(DeviceError, match="cannot be listened on"):
            open_camera(config(port), keyring, SystemClock()).read(1.0)
