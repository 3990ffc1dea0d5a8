"""Bytes of every topic: pinned, broken in every way, and read from a newer side.

When a message grows (new fields last, with defaults), the pinned bytes change: look at the difference, then write them anew
with `python -m tests.wire.test_codec`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire.samples import SAMPLES
from wire import codec
from wire import messages as m
from wire.errors import MalformedError, VersionError, WireError
from wire.topics import TOPICS, Habit, Topic

FILE = Path(__file__).parent / "golden" / "messages.json"
GOLDEN: dict[str, bytes] = {name: bytes.fromhex(text) for name, text in json.loads(FILE.read_text()).items()}
TOPIC_NAMES = sorted(SAMPLES)


def payload(topic: str) -> list[Any]:
    """The sample's fields as MessagePack values, open to change."""
    values: list[Any] = msgspec.msgpack.decode(GOLDEN[topic][len(codec.prefix(topic)) + 1 :])
    return values


def packed(topic: str, values: Any) -> bytes:
    return codec.prefix(topic) + bytes((codec.WIRE_VERSION,)) + msgspec.msgpack.encode(values)


def test_there_are_golden_bytes_of_every_topic() -> None:
    assert set(GOLDEN) == set(SAMPLES) == set(TOPICS)


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_bytes_are_as_ever(topic: str) -> None:
    assert codec.encode(topic, SAMPLES[topic]) == GOLDEN[topic], "the wire has changed: both ends must be updated together"
    assert codec.decode(GOLDEN[topic]) == (topic, SAMPLES[topic])


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_samples_leave_no_field_at_its_default(topic: str) -> None:
    """A field that is not in the golden bytes as itself would not be pinned by them."""
    sample = SAMPLES[topic]
    for field in msgspec.structs.fields(type(sample)):
        if field.name != "valid":
            assert getattr(sample, field.name) != field.default, field.name


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_every_truncation_is_refused(topic: str) -> None:
    for length in range(len(GOLDEN[topic])):
        with pytest.raises(WireError):
            codec.decode(GOLDEN[topic][:length])


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_trailing_bytes_are_refused(topic: str) -> None:
    with pytest.raises(MalformedError):
        codec.decode(GOLDEN[topic] + b"\x00")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TOPIC_NAMES), st.data())
def test_mutations_raise_nothing_but_wire_errors(topic: str, data: st.DataObject) -> None:
    broken = bytearray(GOLDEN[topic])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not broken:
            break
    try:
        name, message = codec.decode(bytes(broken))
    except WireError as error:
        assert str(error)
    else:
        assert type(message) is TOPICS[name].type


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TOPIC_NAMES), st.binary(max_size=200))
def test_random_payloads_raise_nothing_but_wire_errors(topic: str, data: bytes) -> None:
    for bytes_ in (data, codec.prefix(topic) + data, codec.prefix(topic) + bytes((codec.WIRE_VERSION,)) + data):
        try:
            codec.decode(bytes_)
        except WireError as error:
            assert str(error)


@pytest.mark.parametrize("depth", [100, 10_000, 1_000_000])
@pytest.mark.parametrize("topic", ["command", "console"])
def test_deep_nesting_is_refused(topic: str, depth: int) -> None:
    for nest in (b"\x91", b"\x81\xa1a"):
        with pytest.raises(MalformedError):
            codec.decode(codec.prefix(topic) + bytes((codec.WIRE_VERSION,)) + nest * depth)


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_fields_of_a_newer_side_are_read_over(topic: str) -> None:
    newer = packed(topic, [*payload(topic), "a new field", [1, 2], None])
    assert codec.decode(newer) == (topic, SAMPLES[topic])


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_an_older_side_may_leave_out_fields_with_defaults_and_no_others(topic: str) -> None:
    fields, values = msgspec.structs.fields(TOPICS[topic].type), payload(topic)
    required = [f for f in fields if f.default is msgspec.NODEFAULT and f.default_factory is msgspec.NODEFAULT]
    assert list(fields[: len(required)]) == required, "fields with defaults stand last"
    for count in range(len(values)):
        if count >= len(required):
            codec.decode(packed(topic, values[:count]))
        else:
            with pytest.raises(MalformedError):
                codec.decode(packed(topic, values[:count]))


def floats_in(value: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Where floats stand in nested lists."""
    if isinstance(value, float):
        return [path]
    return [each for i, part in enumerate(value) for each in floats_in(part, (*path, i))] if isinstance(value, list) else []


def with_value(value: Any, path: tuple[int, ...], new: Any) -> Any:
    return [with_value(part, path[1:], new) if i == path[0] else part for i, part in enumerate(value)] if path else new


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300], ids=str)
@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_no_field_takes_what_is_no_number(topic: str, bad: float) -> None:
    values = payload(topic)
    for path in floats_in(values):
        with pytest.raises(MalformedError):
            codec.decode(packed(topic, with_value(values, path, bad)))


@pytest.mark.parametrize(("latitude", "longitude", "altitude"), [(90.1, 0, 0), (0, 180.1, 0), (0, 0, 100_001)])
def test_no_place_off_the_earth(latitude: float, longitude: float, altitude: float) -> None:
    values = payload("vehicle")
    values[2] = [latitude, longitude, altitude]
    with pytest.raises(MalformedError):
        codec.decode(packed("vehicle", values))


@pytest.mark.parametrize("name", ["", "short", "with space", "x" * 41, "ümlaut-x"])
def test_an_id_is_8_to_40_letters_digits_and_dashes(name: str) -> None:
    values = payload("command")
    values[0] = name
    with pytest.raises(MalformedError):
        codec.decode(packed("command", values))


def test_another_version_says_what_to_update() -> None:
    data = bytearray(GOLDEN["state"])
    data[len(codec.prefix("state"))] = 2
    with pytest.raises(VersionError, match="wire version 2, this side speaks 1: update the older"):
        codec.decode(bytes(data))


@pytest.mark.parametrize("data", [b"", b"state", b"states\x00\x01", b"\x00\x01", b"\xff\xfe\x00\x01", b"x" * 100])
def test_an_unknown_topic_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError, match="unknown topic"):
        codec.decode(data)


def test_the_wrong_message_is_our_own_mistake() -> None:
    with pytest.raises(TypeError, match="topic state carries AircraftState, not Event"):
        codec.encode("state", SAMPLES["event"])


def message_classes() -> set[type[m.Message]]:
    found = {value for value in vars(m).values() if isinstance(value, type) and issubclass(value, m.Message)}
    return found - {m.Message}


def parts_of(kind: Any) -> set[type]:
    """The message classes inside a type."""
    if isinstance(kind, type) and issubclass(kind, m.Message):
        return {kind}.union(*(parts_of(hint) for hint in get_type_hints(kind).values()))
    return set().union(*(parts_of(part) for part in get_args(kind)))


def test_every_message_is_a_topic_or_a_part_of_one() -> None:
    assert set().union(*(parts_of(topic.type) for topic in TOPICS.values())) == message_classes()


def test_no_two_topics_carry_the_same_type() -> None:
    assert len({topic.type for topic in TOPICS.values()}) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_topics_are_sane(topic: Topic) -> None:
    assert topic.name.isidentifier() and len(topic.name) < 60, "the name must fit before the first NUL that decode looks for"
    assert topic.rate_hz is None or 0.5 <= topic.rate_hz <= 50
    assert topic.meaning
    assert 1 <= topic.depth <= 64
    assert topic.habit is Habit.QUEUED or topic.depth == 1, "where the newest wins, nothing queues"
    assert topic.rate_hz is not None or topic.habit is Habit.QUEUED or topic.name == "video_request"


def test_no_topics_name_begins_with_anothers() -> None:
    """A SUB socket's filter is a prefix."""
    prefixes = [codec.prefix(name) for name in TOPICS]
    assert not [(a, b) for a in prefixes for b in prefixes if a != b and a.startswith(b)]


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: codec.encode(name, SAMPLES[name]).hex() for name in TOPIC_NAMES}, indent=1) + "\n")
