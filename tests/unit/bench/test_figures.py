"""The bench's own arithmetic and table: no nonsense is printed, and what failed is told."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.bench import report
from tests.bench.figures import Figure, checked, number, percentile, table, write
from tests.bench.flight import OneOrder, Spoken
from tests.bench.parts import Part, failed, measured
from tests.bench.processes import Load
from tests.bench.rig import BenchError

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=100)


def figure(value: float | None = 3.0, ratio: float | None = None, budget: float | None = None) -> Figure:
    return Figure("group", "name", value, "ms", "how", ratio, "other", budget)


@given(NUMBERS, st.floats(0.0, 1.0))
def test_a_percentile_is_one_of_the_values_and_not_exceeded_by_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_percentiles_by_hand() -> None:
    values = [float(value) for value in range(1, 21)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1.0)) == (10.0, 19.0, 20.0)
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.floats(1e-4, 1e9))
def test_a_printed_number_is_right_to_three_digits(value: float) -> None:
    text = number(value)
    assert "e" not in text
    assert float(text) == pytest.approx(value, rel=0.006)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1234.5, "1234"), (12.34, "12.3"), (0.5, "0.500"), (0.00123, "0.00123")]
)
def test_numbers_by_hand(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "verdict"), [(1.9, "within"), (2.0, "OVER"), (2.1, "OVER"), (None, "not measured")])
def test_budgets(value: float | None, verdict: str) -> None:
    assert figure(value, budget=2.0).verdict == verdict
    assert figure(value).verdict == ""


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -0.1])
def test_what_cannot_be_a_figure_is_not_printed_as_one(bad: float) -> None:
    for one in (figure(bad), figure(1.0, ratio=bad)):
        seen = checked(one, "command")
        assert seen.value is None and seen.ratio is None
        assert seen.how.startswith("not measured: its ")
        assert failed([figure(), seen])


def test_the_table_shows_each_group_once_with_its_command_and_each_value() -> None:
    figures = [checked(figure(12.345, 2.0, 20.0), "python -m tests.bench --only x"), checked(figure(None), "c")]
    console = Console(width=200, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115
    console.print(table(figures, "title"))
    console.file.close()
    text = console.export_text()
    assert text.count("group") == 1
    for words in ("$ python -m tests.bench --only x", "12.3 ms", "2.00 × other", "< 20 ms: within", "–"):
        assert words in text


def test_the_file_holds_the_same(tmp_path: Path) -> None:
    write(tmp_path / "build" / "bench.json", [figure(1.5, budget=1.0)], {"cores": 2})
    told = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert told["machine"] == {"cores": 2}
    assert (told["figures"][0]["value"], told["figures"][0]["verdict"]) == (1.5, "OVER")


def test_a_part_that_fails_is_told_and_does_not_stop_the_others() -> None:
    def broken() -> list[Figure]:
        raise BenchError("no take-off")

    said: list[str] = []
    good = measured("good", Part("good", lambda: [figure()], "--px4 x"), said.append)
    assert not failed(good)
    assert good[0].command == "python -m tests.bench --only good --px4 x"
    for part in (Part("bad", broken), Part("bad", [].pop), Part("bad", list)):
        bad = measured("bad", part, said.append)
        assert len(bad) == 1 and bad[0].value is None and bad[0].how.startswith("not measured: ")
        assert failed(good + bad)
    assert any("no take-off" in sentence for sentence in said)
    assert failed([])


def test_orders_against_the_bare_round_trip() -> None:
    orders = [OneOrder(to_mavlink_s=0.010, to_answer_s=0.030, bare_round_trip_s=0.002)] * 10
    rows = {row.name: row for row in report._orders(orders)}
    order = rows["order → DO_REPOSITION, p50"]
    assert order.value == pytest.approx(10.0) and order.ratio == pytest.approx(5.0)
    assert rows["bare CURVE round trip, p95"].value == pytest.approx(2.0)
    assert rows["order → accepted, at the ground, p50"].value == pytest.approx(30.0)


def test_the_spoken_sentences_parts_make_its_whole() -> None:
    whole, heard, ordered = report._spoken(Spoken([0.1, 0.3, 0.2], 0.05, 2.5))
    for row, value_ms in ((whole, 250.0), (heard, 200.0), (ordered, 50.0)):
        assert row.value == pytest.approx(value_ms)
    assert heard.ratio is not None and ordered.ratio is not None
    assert heard.ratio + ordered.ratio == pytest.approx(1.0)
    assert whole.ratio == pytest.approx(0.1)


def test_budgets_are_those_of_flight_and_vision_only() -> None:
    rows = report._loads([Load("flight", 4.0, 70.0, 3), Load("vision", 50.0, 310.0, 5), Load("world", 60.0, 400.0, 2)])
    verdicts = {row.name: row.verdict for row in rows if row.verdict}
    assert verdicts == {
        "flight: share of a core": "within",
        "flight: resident memory": "within",
        "vision: resident memory": "OVER",
    }
