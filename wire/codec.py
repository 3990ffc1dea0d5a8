"""Bytes of one message: `name NUL version` and a MessagePack array. One part, because CONFLATE drops the others.

The name comes first so that a SUB socket's prefix filter works on it.
"""

from __future__ import annotations

import msgspec

from wire.errors import MalformedError, VersionError
from wire.messages import Message
from wire.topics import TOPICS

WIRE_VERSION = 1

_encoder = msgspec.msgpack.Encoder()
_decoders = {name: msgspec.msgpack.Decoder(topic.type) for name, topic in TOPICS.items()}


def prefix(topic: str) -> bytes:
    """What every message of a topic starts with."""
    return topic.encode() + b"\x00"


def encode(topic: str, message: Message) -> bytes:
    """The bytes of `message`. Raises TypeError when it is not the topic's type: that is a mistake in our code."""
    if type(message) is not TOPICS[topic].type:
        raise TypeError(f"topic {topic} carries {TOPICS[topic].type.__name__}, not {type(message).__name__}")
    return prefix(topic) + bytes((WIRE_VERSION,)) + _encoder.encode(message)


def decode(data: bytes) -> tuple[str, Message]:
    """Topic and message of what `encode` made. Raises VersionError or MalformedError, never anything else."""
    name, separator, rest = data[:64].partition(b"\x00")
    topic = name.decode("ascii", "replace")
    if not separator or topic not in TOPICS:
        raise MalformedError(
            f"a message of unknown topic {topic[:20]!r} was dropped: both ends need the same version of Pilotfish"
        )
    if not rest:
        raise MalformedError(f"a message of topic {topic} ends after its name")
    start = len(name) + 1
    if data[start] != WIRE_VERSION:
        raise VersionError(
            f"topic {topic} came in wire version {data[start]}, this side speaks {WIRE_VERSION}: "
            "update the older of aircraft and vehicle"
        )
    try:
        return topic, _decoders[topic].decode(memoryview(data)[start + 1 :])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"a message of topic {topic} is malformed: {error}") from error
