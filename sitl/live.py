"""The flight, live in the terminal: a table where there is a terminal, a line now and then where there is none."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sitl.report.record import FlightRecord, PhaseSpan
from wire.messages import ConsoleState, Phase, VideoState

LINE_S = 5.0
_COLOUR = {
    Phase.SURVEYING: "green",
    Phase.SECURED: "green",
    Phase.RETURNING: "cyan",
    Phase.LANDING: "cyan",
    Phase.YIELDED: "bold red",
    Phase.GROUNDED: "bold red",
}


class LiveView:
    """`update` it a few times a second; use it in a `with`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=5, transient=False) if console.is_terminal else None
        self._line_s = 0.0
        self._began_s: float | None = None
        self._shown: tuple[Phase, float] | None = None
        self._notes: list[str] = []

    def __enter__(self) -> LiveView:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live:
            self._live.stop()

    def note(self, sentence: str) -> None:
        """A sentence that stays."""
        self._notes = [*self._notes[-5:], sentence]
        if not self._live:
            self._console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    def update(self, record: FlightRecord, state: ConsoleState | None, now_s: float) -> None:
        if self._began_s is None:
            self._began_s = now_s
        if self._live:
            notes = [Text(note, style="dim") for note in self._notes]
            self._live.update(Group(_phases(record, now_s, self._began_s), _figures(record, state), *notes))
        elif record.phases:
            span = record.phases[-1]
            key = (span.phase, span.began_s)
            if key != self._shown or now_s - self._line_s > LINE_S:
                self._shown, self._line_s = key, now_s
                self._console.print(_line(record, state, now_s, self._began_s), highlight=False, markup=False, soft_wrap=True)


def _so_far_s(span: PhaseSpan, now_s: float, began_s: float) -> float:
    """How long a phase lasts already. An aircraft that starts tells no time for it: it counts from when the view began."""
    return max(0.0, now_s - max(span.began_s, began_s))


def _phases(record: FlightRecord, now_s: float, began_s: float) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("phase", "seconds", "why"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for index, span in enumerate(record.phases):
        took_s = record.duration_s(index)
        seconds = f"{took_s if took_s is not None else _so_far_s(span, now_s, began_s):.1f}"
        table.add_row(Text(span.phase, style=_COLOUR.get(span.phase, "")), seconds, span.reason)
    return table


def figures(record: FlightRecord, state: ConsoleState | None) -> list[tuple[str, str]]:
    """Name and value of everything that one look should tell; a dash where nothing is known."""
    sample = record.samples[-1] if record.samples else None
    video = state.video if state else None
    return [
        ("height", _value(sample.height_m if sample else None, "m", 1)),
        ("distance", _value(sample.distance_m if sample else None, "m", 1)),
        ("battery", _value(sample.battery_percent if sample else None, "%")),
        ("link age", _value(sample.link_age_s if sample else None, "s", 1)),
        ("video", _value(video.frames_per_s if video else None, "frames/s", 1)),
        ("capture to decoded", _value(video.latency_p50_ms if video else None, "ms")),
        ("detections", _objects(video)),
    ]


def _objects(video: VideoState | None) -> str:
    return "–" if video is None or video.objects is None else str(video.objects)


def _value(value: float | None, unit: str, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f} {unit}"


def _figures(record: FlightRecord, state: ConsoleState | None) -> Table:
    table = Table(box=None, pad_edge=False)
    pairs = figures(record, state)
    for name, _ in pairs:
        table.add_column(name, justify="right", style="bold")
    table.add_row(*(value for _, value in pairs))
    return table


def _line(record: FlightRecord, state: ConsoleState | None, now_s: float, began_s: float) -> str:
    span = record.phases[-1]
    values = ", ".join(f"{name} {value}" for name, value in figures(record, state))
    return f"{span.phase:<10} {_so_far_s(span, now_s, began_s):5.1f} s  {values}"
