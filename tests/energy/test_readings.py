"""What a device may send, and what is refused whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.energy.readings import BadReading, Reading, phases, read_body

NOW = datetime(2026, 11, 29, 8, 5, tzinfo=UTC)
KEPT = timedelta(days=730)
GOOD = {"at": "2026-11-29T08:05:00Z", "kw": 3.2, "kwh": 1234.5, "amps": [4, 5, 6]}


def taken(*readings: object) -> tuple[Reading, ...]:
    return read_body({"readings": list(readings)}, NOW, KEPT)


class TestGood:
    """What is taken, and as what."""

    def test_all_figures(self) -> None:
        """The example of the documentation."""
        assert taken(GOOD) == (Reading(NOW, 3.2, 1234.5, (4.0, 5.0, 6.0)),)

    @pytest.mark.parametrize(
        ("at", "meant"),
        [
            ("2026-11-29T09:05:00+01:00", NOW),
            ("2026-11-29 08:05:00+00:00", NOW),
            ("2026-11-29T08:05Z", NOW),
            ("2026-11-29T08:09:59.123456Z", NOW.replace(minute=9, second=59, microsecond=123000)),
            ("2024-11-30T08:05:00Z", NOW.replace(year=2024, day=30)),
        ],
    )
    def test_times(self, at: str, meant: datetime) -> None:
        """Any offset, to the millisecond; a little ahead of us, and as old as anything kept."""
        assert taken({"at": at, "kw": 1}) == (Reading(meant, 1.0),)

    def test_what_is_left_out_may_be_null(self) -> None:
        """Devices that always send all fields."""
        one = {"at": GOOD["at"], "kw": 0, "kwh": None, "amps": None}
        assert taken(one) == (Reading(NOW, 0.0),)
        assert taken({"at": GOOD["at"], "amps": [4, None, 6]})[0].amps == (4.0, None, 6.0)
        assert taken({"at": GOOD["at"], "amps": [4, None, None]})[0].amps == (4.0,)

    def test_one_phase(self) -> None:
        """A small house."""
        assert taken({"at": GOOD["at"], "amps": [7.5]})[0].amps == (7.5,)

    def test_one_spelling_of_phases(self) -> None:
        """Equal readings are equal values."""
        assert phases(None, None, None) == ()
        assert phases(1.0, None, None) == phases(1.0) == (1.0,)
        assert phases(None, 2.0, None) == (None, 2.0, None)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"kw": float("nan")}, "kw is a finite number"),
    ({"kwh": float("inf")}, "kwh is a finite number"),
    ({"kw": float("-inf")}, "kw is a finite number"),
    ({"kw": 10**400}, "kw is a finite number"),
    ({"kw": -0.1}, "kw is not negative: who feeds the grid draws 0"),
    ({"kwh": -1}, "kwh is not negative"),
    ({"amps": [4, -5, 6]}, "amps is not negative"),
    ({"kw": 1e6}, "kw is at most 100000: is its unit right?"),
    ({"kwh": 1e13}, "kwh is at most"),
    ({"kw": "3.2"}, "kw is a number"),
    ({"kw": True}, "kw is a number"),
    ({"amps": ["4", "5", "6"]}, "amps is a number"),
    ({"amps": "4,5,6"}, "amps are a list of one phase or of three"),
    ({"amps": [4, 5]}, "amps are a list of one phase or of three"),
    ({"amps": []}, "amps are a list of one phase or of three"),
    ({"amps": [1, 2, 3, 4]}, "amps are a list of one phase or of three"),
    ({"amps": {"l1": 4}}, "amps are a list of one phase or of three"),
    ({"at": "2026-11-29T09:05:00Z"}, "at is 60 minutes ahead of our clock"),
    ({"at": "2027-11-29T09:05:00Z"}, "at is 8761 hours ahead of our clock"),
    ({"at": "1970-01-01T00:00:00Z"}, "at is longer ago than the 730 days that are kept"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "at is no time that a meter can mean"),
    ({"at": "9999-12-31T23:59:59-14:00"}, "at is no time that a meter can mean"),
    ({"at": "2026-11-29T08:05:00"}, "at has no zone"),
    ({"at": "2026-11-29"}, "at has no zone"),
    ({"at": "yesterday at noon"}, "at is a time such as 2026-11-29T08:05:00Z"),
    ({"at": 1_795_939_500}, "at is a time such as"),
    ({"at": None}, "at is a time such as"),
    ({"at": "2026-11-29T08:05:00Z" + " " * 40}, "at is a time such as"),
    ({"watts": 3200}, "unknown: watts; known: at, kw, kwh, amps"),
    ({"kW": 3.2}, "unknown: kW"),
    ({"kw": None, "kwh": None, "amps": None}, "says nothing: give kw, kwh or amps"),
    ({"kw": None, "kwh": None, "amps": [None, None, None]}, "says nothing"),
]


class TestBad:
    """Each is refused with its place and a reason, and so is all that came with it."""

    @pytest.mark.parametrize(("wrong", "why"), BAD, ids=[repr(wrong)[:40] for wrong, _ in BAD])
    def test_a_bad_figure(self, wrong: dict[str, Any], why: str) -> None:
        """Named by its index."""
        with pytest.raises(BadReading) as refused:
            taken(GOOD, {**GOOD, **wrong})
        assert str(refused.value).startswith(f"readings[1]: {why}")
        assert refused.value.index == 1

    @pytest.mark.parametrize(
        "body",
        [
            None, [], "readings", 7, {}, {"readings": None}, {"readings": []}, {"readings": GOOD},
            {"readings": [GOOD] * 501}, {"readings": [GOOD], "meter": "hq"}, [GOOD],
        ],
    )  # fmt: skip
    def test_a_bad_body(self, body: object) -> None:
        """No list of 1 to 500 readings."""
        with pytest.raises(BadReading):
            read_body(body, NOW, KEPT)

    @pytest.mark.parametrize("one", [None, 3.2, "3.2", [3.2], []])
    def test_a_reading_that_is_none(self, one: object) -> None:
        """Each is an object."""
        with pytest.raises(BadReading, match=r"readings\[0\]: is not an object"):
            taken(one)

    def test_500_are_taken(self) -> None:
        """The most."""
        assert len(taken(*[GOOD] * 500)) == 500

    def test_words_are_json(self) -> None:
        """What is wrong is said without repeating much of it."""
        with pytest.raises(BadReading) as refused:
            taken({**GOOD, "x" * 10_000: 1})
        assert len(json.dumps(str(refused.value))) < 300
