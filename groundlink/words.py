"""What is known, in words for a person. Pure."""

from __future__ import annotations

from wire.messages import AircraftState, ConsoleState, LatchState, Phase, Verb

PHASES = {
    Phase.STARTING: "being looked at: the program on board has just started",
    Phase.STOWED: "on the roof, stowed",
    Phase.CHECKING: "checking before launch",
    Phase.RELEASING: "waiting for the latch to open",
    Phase.ARMING: "arming",
    Phase.CLIMBING: "climbing",
    Phase.TRANSIT: "flying to the scene",
    Phase.SURVEYING: "surveying",
    Phase.HOLDING: "holding in the air",
    Phase.RETURNING: "returning to the vehicle",
    Phase.LANDING: "landing",
    Phase.SECURING: "on the roof, being secured",
    Phase.SECURED: "on the roof, secured",
    Phase.YIELDED: "flown by PX4's failsafe or by somebody else",
    Phase.GROUNDED: "on the ground, not secured on the roof",
}


_STOPS = (Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.ABORT)
POSSIBLE: dict[Phase, tuple[Verb, ...]] = {
    Phase.STARTING: (),
    Phase.STOWED: (Verb.LAUNCH,),
    Phase.CHECKING: _STOPS,
    Phase.RELEASING: _STOPS,
    Phase.ARMING: _STOPS,
    Phase.CLIMBING: _STOPS,
    Phase.TRANSIT: _STOPS,
    Phase.SURVEYING: _STOPS,
    Phase.HOLDING: (Verb.RESUME, *_STOPS),
    Phase.RETURNING: _STOPS,
    Phase.LANDING: _STOPS,
    Phase.SECURING: (),
    Phase.SECURED: (Verb.LAUNCH,),
    Phase.YIELDED: _STOPS,
    Phase.GROUNDED: (Verb.ABORT,),
}
"""What an order means something in: the ground's words for the table of onboard/flight/executive.py, which decides."""


def instead(phase: Phase) -> str:
    """What can be ordered now."""
    *others, last = POSSIBLE[phase] or ("",)
    if not last:
        return "nothing can be ordered now: wait, and ask for the status"
    return f"now you can order {', '.join(others)} or {last}" if others else f"now you can order {last}"


def duration(seconds: float) -> str:
    """`8 s`, `2 min 5 s`, `3 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def heard(age_s: float | None) -> str:
    """How old what we know of the aircraft is."""
    if age_s is None:
        return "the aircraft has not been heard"
    return "heard just now" if age_s < 1 else f"last heard {duration(age_s)} ago"


def phase_for_s(aircraft: AircraftState, age_s: float) -> float:
    return max(0.0, aircraft.sent_s - aircraft.phase_since_s + age_s)


def aircraft_sentence(aircraft: AircraftState | None, age_s: float | None) -> str:
    """Where the aircraft is in its work, and how sure that is."""
    if aircraft is None or age_s is None:
        return "the aircraft has not been heard"
    parts = [f"the aircraft is {PHASES[aircraft.phase]} for {duration(phase_for_s(aircraft, age_s))}"]
    if aircraft.armed:
        parts.append(f"{_metres(aircraft.height_m)} above and {_metres(aircraft.distance_m)} from the vehicle")
    parts.append("battery not known" if aircraft.battery_percent is None else f"battery {aircraft.battery_percent:.0f} %")
    parts.append(heard(age_s))
    return ", ".join(parts)


def status_sentence(console: ConsoleState) -> str:
    """The one sentence of `status`."""
    sentence = aircraft_sentence(console.aircraft, console.aircraft_age_s)
    trouble = len(console.warnings)
    return sentence + (f"; {trouble} warning{'s' if trouble > 1 else ''}" if trouble else "")


def latch_word(latch: LatchState | None) -> str:
    """The latch's sensors in a few words."""
    if latch is None:
        return "not heard"
    if not latch.valid:
        return "sensors broken"
    where = "open" if latch.open else "closed" if latch.closed else "between"
    return f"{where}, {'seated' if latch.seated else 'not seated'}"


def _metres(value_m: float | None) -> str:
    return "? m" if value_m is None else f"{value_m:.0f} m"
