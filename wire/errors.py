"""The error tree. Everything Pilotfish raises on purpose is one of these; each message says what, where and what to do.

PilotfishError
├── ConfigurationError      a configuration or mission file is wrong (file, line, field)
├── KeysError               a key is missing, unreadable, or readable by others
├── WireError               bytes from a socket that are not what the topic says
│   ├── VersionError            another version of the wire
│   └── MalformedError          truncated, mistyped, or out of bounds
├── LinkError               no answer from a process within the deadline
├── ReplayError             a recording of a flight that cannot be read, or flown again (sitl/compare)
├── RecordingError          a sound file that cannot be listened to (groundlink/voice/wav.py)
├── DeviceError             a camera, latch, receiver or encoder does not do its work
└── ProcessError            a supervised process could not be started or kept running
"""

from __future__ import annotations


class PilotfishError(Exception):
    """The root: `str()` of it is one plain sentence for a person."""


class ConfigurationError(PilotfishError):
    pass


class KeysError(PilotfishError):
    pass


class WireError(PilotfishError):
    pass


class VersionError(WireError):
    pass


class MalformedError(WireError):
    pass


class LinkError(PilotfishError):
    pass


class DeviceError(PilotfishError):
    pass


class ProcessError(PilotfishError):
    pass


class ReplayError(PilotfishError):
    pass
