"""What a vehicle has stored: three plans, where the mission is, how often it has jumped."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sitl.autopilot.plans.item import Item, Kind


class Plan(NamedTuple):
    """Items and the number they go by: PX4's checksum of them as they were sent, 0 for none."""

    items: tuple[Item, ...] = ()
    id: int = 0


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The form on disk."""

    version: int
    mission: Plan
    fence: Plan
    rally: Plan
    current: int
    jumps: dict[int, int]


VERSION = 1


class Plans:
    """`current` is the mission item that is or comes next, `jumps` how often each DO_JUMP was done.

    `revision` counts all changes worth keeping, `uploads` the missions that replaced another one.
    """

    def __init__(self) -> None:
        self._plans = dict.fromkeys(Kind, Plan())
        self.current = 0
        self.jumps: dict[int, int] = {}
        self.revision = 0
        self.uploads = 0

    def __getitem__(self, kind: Kind) -> Plan:
        return self._plans[kind]

    @property
    def mission(self) -> tuple[Item, ...]:
        """The mission's items."""
        return self._plans[Kind.MISSION].items

    def replace(self, kind: Kind, plan: Plan, current: int | None = None) -> None:
        """Store a plan. `current` is where a new mission begins, None to go on at the number the old one was at."""
        self._plans[kind] = plan
        self.revision += 1
        if kind is Kind.MISSION:
            self.uploads += 1
            self.jumps = {}
            at = self.current if current is None else current
            self.current = max(0, min(at, len(plan.items) - 1))

    def clear(self, kind: Kind) -> None:
        """Forget a plan."""
        self.replace(kind, Plan(), 0)

    def move_to(self, current: int) -> None:
        """The mission goes on there."""
        if current != self.current:
            self.current = current
            self.revision += 1

    def jumped(self, index: int) -> None:
        """A DO_JUMP was done once more."""
        self.jumps[index] = self.jumps.get(index, 0) + 1
        self.revision += 1

    def forget_jumps(self) -> None:
        """All DO_JUMPs count from the beginning."""
        if self.jumps:
            self.jumps = {}
            self.revision += 1

    def to_bytes(self) -> bytes:
        """Everything, to be read by from_bytes."""
        mission, fence, rally = (self._plans[kind] for kind in (Kind.MISSION, Kind.FENCE, Kind.RALLY))
        return msgspec.msgpack.encode(_Stored(VERSION, mission, fence, rally, self.current, self.jumps))

    @classmethod
    def from_bytes(cls, data: bytes) -> Plans:
        """Plans as to_bytes wrote them. Raises ValueError for anything else."""
        stored = msgspec.msgpack.decode(data, type=_Stored)  # its errors are ValueErrors
        plans = cls()
        for kind, plan in zip(
            (Kind.MISSION, Kind.FENCE, Kind.RALLY), (stored.mission, stored.fence, stored.rally), strict=True
        ):
            plans.replace(kind, plan)
        if stored.version != VERSION or not 0 <= stored.current <= max(0, len(stored.mission.items) - 1):
            raise ValueError(f"version {stored.version}, at item {stored.current}")
        plans.current, plans.jumps = stored.current, stored.jumps
        plans.revision = plans.uploads = 0
        return plans
