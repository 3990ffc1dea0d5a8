"""The world's configuration: an empty file will do, a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitl.world.configuration import WorldConfig, load
from wire.errors import ConfigurationError


def written(folder: Path, text: str) -> Path:
    file = folder / "world.yaml"
    file.write_text(text)
    return file


def test_an_empty_file_is_a_world(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""))
    assert config.keys_folder == tmp_path / "keys"
    assert (config.camera.width, config.pose_port, config.light) == (640, 19410, "day")
    assert config.home == WorldConfig().home


def test_a_full_file(tmp_path: Path) -> None:
    text = """
seed: 7
light: night
vehicle: {moves: [{after_launch_s: 30, north_m: 60, speed_m_s: 8}]}
events: [{kind: vehicle_gnss_lost, after_launch_s: 20}]
latch: {stuck: open, sensor_broken: true, seat_sensor: broken}
"""
    config = load(written(tmp_path, text))
    assert config.vehicle.moves[0].north_m == 60
    assert (config.latch.stuck, config.events[0].after_launch_s) == ("open", 20)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("light: dusk", "light"),
        ("camera: {hfov_deg: 5}", "camera.hfov_deg"),
        ("roof_height_m: 9", "roof_height_m"),
        ("latch: {stuck: half}", "latch.stuck"),
        ("endpoints: {frames: ipc://x}", "endpoints.frames"),
        ("vehicle: {moves: [{north_m: 3}]}", "vehicle.moves"),
        ("wind: 3", "wind"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        load(written(tmp_path, text))
