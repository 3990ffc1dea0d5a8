"""Places of sockets: ports that can be, and none for two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import configuration
from wire.configuration import Section
from wire.endpoints import Endpoint, TcpEndpoint, leads_to, taken_twice
from wire.errors import ConfigurationError


class Sample(Section, frozen=True, kw_only=True):
    tcp: TcpEndpoint = "tcp://127.0.0.1:1"
    any: Endpoint = "ipc:///tmp/x"


def accepts(endpoint: str, field: str = "tcp") -> bool:
    try:
        configuration.parse(f"{field}: '{endpoint}'", Sample, "s")
    except ConfigurationError as error:
        assert "like tcp://127.0.0.1:5601" in str(error)
        return False
    return True


@given(st.integers(0, 200_000))
def test_ports_are_1_to_65535(port: int) -> None:
    assert accepts(f"tcp://10.0.0.2:{port}") is (1 <= port <= 65_535)


@pytest.mark.parametrize("wrong", ["127.0.0.1:5601", "tcp://127.0.0.1", "tcp://:5601", "udp://127.0.0.1:5601", "tcp://a b:1"])
def test_other_things_are_no_place(wrong: str) -> None:
    assert not accepts(wrong) and not accepts(wrong, "any")


@pytest.mark.parametrize("right", ["ipc:///run/pilotfish/a", "tcp://roof.local:5601"])
def test_these_are(right: str) -> None:
    assert accepts(right, "any")


ONE = "tcp://127.0.0.1:5601"


@pytest.mark.parametrize("other", [ONE, "tcp://localhost:5601", "tcp://0.0.0.0:5601"])
def test_a_port_taken_twice_is_named(other: str) -> None:
    twice = taken_twice({"a.x": ONE, "b.y": other}, {})
    assert twice is not None and twice[0] == "b.y" and "a.x already" in twice[1]


def test_the_same_port_of_two_machines_is_two_places() -> None:
    assert taken_twice({"a": ONE, "b": "tcp://10.0.0.1:5601"}, {}) is None
    assert taken_twice({"a": "tcp://0.0.0.0:5601"}, {"b": "tcp://10.0.0.2:5601"}) is None
    assert taken_twice({}, {"a": ONE, "b": ONE}) is not None


def test_what_leads_where() -> None:
    assert leads_to("tcp://127.0.0.1:5604", "tcp://0.0.0.0:5604")
    assert leads_to("tcp://localhost:5604", "tcp://127.0.0.1:5604")
    assert not leads_to("tcp://127.0.0.1:5604", "tcp://10.0.0.2:5604")
    assert not leads_to("tcp://127.0.0.1:5604", "tcp://0.0.0.0:5605")
