"""Whether a camera's pictures change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onboard.vision.cameras.camera import Frame
from onboard.vision.still import FROZEN_S, StillWatch


def frame(grey: int, at_s: float) -> Frame:
    return Frame(np.full((64, 64, 3), grey, np.uint8), at_s, 1)


def test_a_picture_that_repeats_is_told_at_once_and_a_frozen_camera_after_a_while() -> None:
    watch = StillWatch()
    assert not watch.update(frame(10, 5.0)) and not watch.fault(5.0)
    assert watch.update(frame(10, 5.1)) and not watch.fault(5.1)
    assert watch.update(frame(10, 5.0 + FROZEN_S)) and "over and over" in watch.fault(5.0 + FROZEN_S)
    assert not watch.update(frame(11, 8.0)) and not watch.fault(20.0), "it works again; that none come is for others to tell"


@given(st.lists(st.integers(0, 3), max_size=30))
def test_it_repeats_exactly_when_two_in_a_row_are_the_same(greys: list[int]) -> None:
    watch = StillWatch()
    said = [watch.update(frame(grey, float(index))) for index, grey in enumerate(greys)]
    assert said == [index > 0 and grey == greys[index - 1] for index, grey in enumerate(greys)]
