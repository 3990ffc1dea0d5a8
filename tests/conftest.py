"""What the tests can be told: which autopilot, and where a real PX4 is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitl import px4
from wire.errors import ProcessError

REAL_TIME = (
    "sitl/conformance/test_ports.py",
    "sitl/conformance/test_sockets.py",
    "sitl/judge",
    "sitl/stack",
    "wire/test_fleet.py",
)
"""Tests of whole stacks and of many processes that keep real time: nothing else runs beside them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pilotfish")
    group.addoption(
        "--autopilot", choices=("embedded", "px4"), default="embedded", help="what flies where a test leaves it open"
    )
    group.addoption("--px4", metavar="PATH", help="a PX4 SITL build; runs the tests marked px4, and means --autopilot px4")
    group.addoption(
        "--px4-instance",
        type=int,
        metavar="N",
        default=None,
        help="PX4's instance in the conformance tests (default: a free one)",
    )
    group.addoption("--fuzz-seconds", type=float, metavar="S", default=600.0, help="how long the long fuzzing goes on")
    group.addoption("--fuzz-seed", type=int, metavar="N", default=0, help="which garbage the long fuzzing begins with")
    group.addoption(
        "--px4-speed", type=float, metavar="X", default=4.0, help="PX4's speed factor in the conformance tests (default: 4)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    real_time = [Path(__file__).parent / name for name in REAL_TIME]
    for item in items:
        if any(path == item.path or path in item.path.parents for path in real_time):
            item.add_marker(pytest.mark.real_time)
    where: str | None = config.getoption("--px4")
    if where is not None:
        return
    skip = pytest.mark.skip(reason="needs a real PX4 SITL: give its build folder with --px4 PATH")
    for item in items:
        if item.get_closest_marker("px4") is not None:
            item.add_marker(skip)


def pytest_configure(config: pytest.Config) -> None:
    where: str | None = config.getoption("--px4")
    if where is None and config.getoption("--autopilot") == "px4":
        raise pytest.UsageError("--autopilot px4 needs --px4 PATH")
    if where is None or where.startswith("docker"):
        return
    try:
        px4.find(Path(where).expanduser())
    except ProcessError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture
def px4_path(request: pytest.FixtureRequest) -> str:
    """Where the real PX4 is."""
    where: str = request.config.getoption("--px4")
    return where


@pytest.fixture
def autopilot_arguments(request: pytest.FixtureRequest) -> list[str]:
    """What `sitl fly` is told about the autopilot."""
    where: str | None = request.config.getoption("--px4")
    return [] if where is None else ["--px4", where]
