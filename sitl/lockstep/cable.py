"""A link in memory, for flights in lockstep."""

from __future__ import annotations


class Cable:
    """The link between flight and the autopilot: bytes in memory. Cut, it loses everything both ways."""

    def __init__(self) -> None:
        self.to_autopilot: list[bytes] = []
        self.to_flight: list[bytes] = []
        self.cut = False

    def read(self) -> bytes:
        data, self.to_flight = b"".join(self.to_flight), []
        return b"" if self.cut else data

    def write(self, data: bytes) -> None:
        if not self.cut:
            self.to_autopilot.append(data)

    def fileno(self) -> int:
        raise OSError("a wire in memory has no file descriptor")

    def close(self) -> None:
        self.cut = True
