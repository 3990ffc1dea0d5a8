"""track.png: the flight on the town's map: the vehicle, the path coloured by phase, the orbit, the detections."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sitl.options import HOME, Options
from sitl.report.record import FlightRecord
from sitl.world.ground import PIXELS_PER_M as GROUND_PX_PER_M
from sitl.world.ground import paint
from sitl.world.light import light_of
from sitl.world.town import HALF_SIZE_M, make_town
from wire import geo
from wire.errors import DeviceError
from wire.geo import Position
from wire.messages import Phase

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

SIZE_PX = 1400
MARGIN_M = 18.0
_COLOURS: dict[Phase, Colour] = {  # blue, green, red
    Phase.CLIMBING: (80, 220, 255),
    Phase.TRANSIT: (60, 160, 255),
    Phase.SURVEYING: (90, 235, 90),
    Phase.HOLDING: (255, 255, 255),
    Phase.RETURNING: (255, 190, 60),
    Phase.LANDING: (255, 100, 180),
    Phase.YIELDED: (60, 60, 255),
}
_INK, _PAPER, _DETECTION, _VEHICLE = (25, 25, 25), (245, 245, 245), (50, 50, 240), (255, 120, 30)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class _Map:
    """A square cut of the town, north up, addressed by position."""

    def __init__(self, options: Options, centre_east_m: float, centre_north_m: float, half_m: float) -> None:
        self._west_m, self._north_m = centre_east_m - half_m, centre_north_m + half_m
        self.px_per_m = SIZE_PX / (2 * half_m)
        day = light_of("day")
        texture = paint(make_town(options.seed), options.seed, day)
        scale = self.px_per_m / GROUND_PX_PER_M
        shift = (-(self._west_m + HALF_SIZE_M) * self.px_per_m, -(HALF_SIZE_M - self._north_m) * self.px_per_m)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float64)
        cut = cv2.warpAffine(texture, matrix, (SIZE_PX, SIZE_PX), flags=cv2.INTER_AREA, borderValue=(90, 110, 95))
        self.image: Image = cv2.addWeighted(cut, 0.62, np.full_like(cut, 40), 0.38, 0).astype(np.uint8)

    def px(self, place: Position) -> tuple[int, int]:
        ned = geo.ned_between(HOME, place)
        return round((ned.east_m - self._west_m) * self.px_per_m), round((self._north_m - ned.north_m) * self.px_per_m)

    def path(self, places: list[Position], colour: Colour, thickness: int) -> None:
        if len(places) > 1:
            points = np.array([self.px(place) for place in places], np.int32)
            cv2.polylines(self.image, [points], False, _INK, thickness + 3, cv2.LINE_AA)
            cv2.polylines(self.image, [points], False, colour, thickness, cv2.LINE_AA)

    def text(self, words: str, at_px: tuple[int, int], colour: Colour = _PAPER, size: float = 0.62) -> None:
        cv2.putText(self.image, words, at_px, _FONT, size, _INK, 4, cv2.LINE_AA)
        cv2.putText(self.image, words, at_px, _FONT, size, colour, 1, cv2.LINE_AA)


def draw(path: Path, record: FlightRecord, options: Options, detections: list[Position], title: str) -> None:
    """Write the picture. Raises DeviceError when it cannot be written."""
    chart = _Map(options, *_frame(record))
    _orbit(chart, record)
    for place in detections:
        cv2.circle(chart.image, chart.px(place), 3, _DETECTION, -1, cv2.LINE_AA)
    _vehicle(chart, record)
    _flight(chart, record)
    _legend(chart, record, title)
    if not cv2.imwrite(str(path), chart.image):
        raise DeviceError(f"the picture {path} could not be written: is the disk full?")


def _frame(record: FlightRecord) -> tuple[float, float, float]:
    """Centre (east, north) and half the side, in metres about home, that hold the whole flight."""
    places = [s.position for s in record.samples] + [s.vehicle for s in record.samples if s.vehicle] + [HOME]
    offsets = [geo.ned_between(HOME, place) for place in places]
    easts, norths = [o.east_m for o in offsets], [o.north_m for o in offsets]
    half_m = max(max(easts) - min(easts), max(norths) - min(norths), 30.0) / 2 + MARGIN_M
    return (max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2, half_m


def _orbit(chart: _Map, record: FlightRecord) -> None:
    survey = record.survey
    if survey is None:
        return
    centre, radius_px = chart.px(survey.centre), round(survey.radius_m * chart.px_per_m)
    for start_deg in range(0, 360, 6):
        cv2.ellipse(chart.image, centre, (radius_px, radius_px), 0, start_deg, start_deg + 3, _PAPER, 2, cv2.LINE_AA)
    cv2.drawMarker(chart.image, centre, _PAPER, cv2.MARKER_CROSS, 18, 2, cv2.LINE_AA)


def _vehicle(chart: _Map, record: FlightRecord) -> None:
    way = [s.vehicle for s in record.samples if s.vehicle is not None]
    chart.path(way, _VEHICLE, 4)
    for place, words in ((way[0], "vehicle at launch"), (way[-1], "vehicle at the end")) if way else ():
        x, y = chart.px(place)
        cv2.rectangle(chart.image, (x - 9, y - 9), (x + 9, y + 9), _INK, 4, cv2.LINE_AA)
        cv2.rectangle(chart.image, (x - 9, y - 9), (x + 9, y + 9), _VEHICLE, -1, cv2.LINE_AA)
        if words == "vehicle at launch" or geo.distance_m(way[0], way[-1]) > 3:
            chart.text(words, (x + 18, y + 6))


def _flight(chart: _Map, record: FlightRecord) -> None:
    samples = [s for s in record.samples if s.phase in _COLOURS]
    start = 0
    for index in range(1, len(samples) + 1):
        if index == len(samples) or samples[index].phase is not samples[start].phase:
            last = min(index + 1, len(samples))  # one more, so that the pieces join
            chart.path([s.position for s in samples[start:last]], _COLOURS[samples[start].phase], 3)
            start = index


def _legend(chart: _Map, record: FlightRecord, title: str) -> None:
    chart.text(title, (24, 40), size=0.8)
    flown = [phase for phase in _COLOURS if any(s.phase is phase for s in record.samples)]
    rows = [(str(phase), _COLOURS[phase]) for phase in flown]
    rows += [("orbit asked for", _PAPER), ("detection", _DETECTION), ("vehicle", _VEHICLE)]
    for index, (words, colour) in enumerate(rows):
        y = 76 + 28 * index
        cv2.rectangle(chart.image, (24, y - 12), (52, y + 2), _INK, 3, cv2.LINE_AA)
        cv2.rectangle(chart.image, (24, y - 12), (52, y + 2), colour, -1, cv2.LINE_AA)
        chart.text(words, (64, y))
    length_m = 10 ** math.floor(math.log10(SIZE_PX / chart.px_per_m / 3))
    right, low = SIZE_PX - 40, SIZE_PX - 40
    left = right - round(length_m * chart.px_per_m)
    cv2.line(chart.image, (left, low), (right, low), _INK, 8, cv2.LINE_AA)
    cv2.line(chart.image, (left, low), (right, low), _PAPER, 4, cv2.LINE_AA)
    chart.text(f"{length_m:g} m", (left, low - 14))
    cv2.arrowedLine(chart.image, (right, 90), (right, 36), _INK, 7, cv2.LINE_AA, tipLength=0.4)
    cv2.arrowedLine(chart.image, (right, 90), (right, 36), _PAPER, 3, cv2.LINE_AA, tipLength=0.4)
    chart.text("N", (right - 7, 118))
