"""A thread that does one piece of work at a time, so that video never waits for it. While it is busy, others are not taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from onboard.vision.wake import Wake

J = TypeVar("J")
R = TypeVar("R")
_KEPT = 8


class Done(NamedTuple, Generic[R]):
    result: R
    took_ms: float


class Worker(Generic[J, R]):
    """Runs `work` on what is offered, and wakes the main loop when there is a result."""

    def __init__(self, name: str, work: Callable[[J], R], wake: Wake) -> None:
        self._work = work
        self._wake = wake
        self._change = threading.Condition()
        self._job: tuple[J] | None = None
        self._busy = False
        self._done: list[Done[R]] = []
        self._stopping = False
        self._crash: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._change:
            self._stopping = True
            self._change.notify()
        self._thread.join(2.0)

    def offer(self, job: J) -> bool:
        """Whether it is taken."""
        with self._change:
            if self._busy:
                return False
            self._job, self._busy = (job,), True
            self._change.notify()
            return True

    def results(self) -> list[Done[R]]:
        """What has been done since the last call. Raises what the thread died of."""
        with self._change:
            if self._crash is not None:
                raise self._crash
            done, self._done = self._done, []
        return done

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                started_s = time.perf_counter()
                done = Done(self._work(job[0]), (time.perf_counter() - started_s) * 1000)
                with self._change:
                    self._done = [*self._done[1 - _KEPT :], done]
                    self._busy = False
                self._wake.set()
        except Exception as error:  # noqa: BLE001 - raised again in the main thread by results()
            with self._change:
                self._crash = error
            self._wake.set()

    def _next(self) -> tuple[J] | None:
        with self._change:
            self._change.wait_for(lambda: self._job is not None or self._stopping)
            job, self._job = self._job, None
            return None if self._stopping else job
