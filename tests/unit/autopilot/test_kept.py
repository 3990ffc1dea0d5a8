"""What is kept between starts, while it cannot be written."""

from __future__ import annotations

import struct
from pathlib import Path

from sitl.autopilot.core import Autopilot
from sitl.autopilot.kept import Kept
from wire.geo import Position


def test_it_is_told_once_and_tried_again_at_the_next_change(tmp_path: Path) -> None:
    said: list[str] = []
    kept = Kept(tmp_path, said.append)
    autopilot = Autopilot(seed=0, home=Position(48.8584, 2.2945, 35.0), plans=kept.plans, kept=kept.parameters)

    def change(value: float) -> None:
        autopilot.parameters.set_encoded("MPC_XY_CRUISE", struct.pack("<f", value))
        kept.keep(autopilot)

    in_the_way = tmp_path / "parameters.json.new"
    in_the_way.mkdir()
    for value in (6.0, 7.0):
        change(value)
    assert len(said) == 1 and "parameters are not kept any more" in said[0] and str(tmp_path) in said[0]
    in_the_way.rmdir()
    kept.keep(autopilot)
    assert len(said) == 1 and not (tmp_path / "parameters.json").exists()
    change(8.0)
    assert len(said) == 2 and "kept again" in said[1]
    kept.close()
    autopilot.close()
    again = Kept(tmp_path)
    assert again.parameters == {"MPC_XY_CRUISE": 8.0}
    again.close()
