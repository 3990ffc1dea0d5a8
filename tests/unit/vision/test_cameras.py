"""Cameras: footage, faults, and what is done about a camera that is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from onboard.vision.cameras.camera import Camera, EndOfFootageError, Frame
from onboard.vision.cameras.fake import FakeCamera, textured_ground
from onboard.vision.cameras.file import FileCamera
from onboard.vision.cameras.opening import open_camera
from onboard.vision.cameras.world import frame_of
from onboard.vision.capture import Capture
from onboard.vision.configuration import CameraConfig
from onboard.vision.wake import Wake
from wire import keys
from wire.clock import Clock, ManualClock, SystemClock
from wire.errors import DeviceError
from wire.keys import Keyring
from wire.messages import CameraFrame


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    folder = tmp_path_factory.mktemp("keys")
    keys.make(folder)
    return keys.load(folder, "aircraft")


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second at ten frames per second; frame i has the grey 10 + 20 i."""
    path = tmp_path_factory.mktemp("footage") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for index in range(10):
            picture = np.full((240, 320, 3), 10 + 20 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def config(path: Path, *, loop: bool = False) -> CameraConfig:
    return CameraConfig(kind="file", source=str(path), width_px=160, height_px=120, frames_per_s=10, loop=loop)


def all_frames(camera: Camera, count: int) -> list[Frame]:
    frames: list[Frame] = []
    while len(frames) < count:
        frame = camera.read(0.05)
        if frame is not None:
            frames.append(frame)
    return frames


def test_footage_plays_at_its_own_pace_and_ends(footage: Path) -> None:
    camera = FileCamera(config(footage), ManualClock(50.0))
    frames = all_frames(camera, 10)
    assert [frame.captured_s for frame in frames] == pytest.approx([50 + i / 10 for i in range(10)])
    assert [frame.sequence for frame in frames] == list(range(1, 11))
    assert frames[0].bgr.shape == (120, 160, 3)
    assert [round(float(frame.bgr.mean())) for frame in frames] == pytest.approx([10 + 20 * i for i in range(10)], abs=3)
    with pytest.raises(EndOfFootageError, match="has ended"):
        camera.read(1.0)
    camera.close()


def test_looped_footage_begins_again(footage: Path) -> None:
    camera = FileCamera(config(footage, loop=True), ManualClock(0.0))
    frames = all_frames(camera, 25)
    camera.close()
    assert [frame.captured_s for frame in frames] == pytest.approx([i / 10 for i in range(25)])
    assert round(float(frames[10].bgr.mean())) == pytest.approx(10, abs=3)


def test_a_late_reader_gets_the_newest_footage(footage: Path) -> None:
    clock = ManualClock(0.0)
    camera = FileCamera(config(footage), clock)
    clock.sleep(1.15)
    frame = camera.read(0.05)
    camera.close()
    assert frame is not None
    assert frame.captured_s >= 0.6


@pytest.mark.parametrize(
    ("kind", "source", "message"),
    [
        ("file", "/nowhere/at-all.mp4", "cannot be played"),
        ("file", __file__, "cannot be played"),
        ("v4l2", "/dev/video99", "no camera at"),
    ],
)
def test_a_camera_that_is_not_there_is_named(kind: str, source: str, message: str, keyring: Keyring) -> None:
    camera = msgspec.convert({"kind": kind, "source": source}, CameraConfig)
    with pytest.raises(DeviceError, match=message):
        open_camera(camera, keyring, ManualClock())


def test_a_world_frame_with_missing_pixels_is_refused() -> None:
    with pytest.raises(DeviceError, match="bytes instead of"):
        frame_of(CameraFrame(captured_s=1.0, sequence=1, width=64, height=48, bgr=bytes(64 * 48 * 3 - 1)))
    good = frame_of(CameraFrame(captured_s=1.0, sequence=1, width=64, height=48, bgr=bytes(64 * 48 * 3)))
    assert good.bgr.shape == (48, 64, 3)


class Script:
    """Opens cameras one after the other: what each gives is scripted."""

    def __init__(self, *cameras: list[Frame | Exception]) -> None:
        self._cameras: Iterator[list[Frame | Exception]] = iter(cameras)
        self.opened = 0
        self.closed = 0
        self._steps: Iterator[Frame | Exception] = iter(())

    def open(self) -> Camera:
        self.opened += 1
        self._steps = iter(next(self._cameras, [DeviceError("the camera is unplugged")]))
        return self

    def read(self, timeout_s: float) -> Frame | None:
        del timeout_s
        step = next(self._steps, DeviceError("the camera stopped"))
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed += 1


def picture(sequence: int) -> Frame:
    return Frame(textured_ground(64, 64), float(sequence), sequence)


def until(condition: Callable[[], bool], clock: Clock) -> None:
    """Wait for a yes, at most twenty real seconds."""
    pause = threading.Event()
    for _ in range(2000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError(f"it did not come to pass by {clock.now_s()}")


def test_a_lost_camera_is_said_and_tried_again() -> None:
    script = Script([picture(1)], [DeviceError("no camera at all")], [picture(2), picture(3)])
    clock, wake = SystemClock(50), Wake()
    with Capture(script.open, clock, wake) as capture:
        until(lambda: script.opened >= 4, clock)
        until(lambda: capture.fault(clock.now_s()) == "the camera is unplugged", clock)
        frame = capture.take()
    assert frame is not None
    assert frame.sequence == 3, "the newest, and older ones are gone"
    assert script.closed == script.opened
    wake.close()


def test_a_silent_camera_is_said_while_it_blocks() -> None:
    clock, wake = SystemClock(20), Wake()
    with Capture(lambda: FakeCamera(clock, width_px=64, height_px=64, frames=1), clock, wake) as capture:
        until(lambda: capture.take() is not None, clock)
        assert capture.fault(clock.now_s()) == ""
        until(lambda: "no frame for" in capture.fault(clock.now_s()), clock)
    wake.close()


def test_footage_that_has_ended_is_not_begun_again() -> None:
    script = Script([picture(1), EndOfFootageError("it has ended")], [picture(2)])
    clock, wake = SystemClock(50), Wake()
    with Capture(script.open, clock, wake) as capture:
        until(lambda: capture.fault(clock.now_s()) == "it has ended", clock)
        clock.sleep(20)
        assert capture.fault(clock.now_s()) == "it has ended"
    assert script.opened == 1
    wake.close()


def test_a_mistake_in_a_camera_is_not_hidden() -> None:
    script = Script([ZeroDivisionError("a mistake")])
    clock, wake = SystemClock(1), Wake()

    def crashed() -> bool:
        try:
            capture.take()
        except ZeroDivisionError:
            return True
        return False

    with Capture(script.open, clock, wake) as capture:
        until(crashed, clock)
    wake.close()
