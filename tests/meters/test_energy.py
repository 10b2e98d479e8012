"""GET /energy: to whom, which time, and as what."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib.edges import StoreUnavailable
from chalicelib.energy.readings import Reading
from chalicelib.meters.links import link
from tests.meters.kit import Answer, Stage, stage

NOW = datetime(2026, 10, 26, 12, tzinfo=UTC)  # the clock went back in Oslo yesterday
SLOT = timedelta(minutes=5)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, NOW) as found:
        yield found


@pytest.fixture
def days(here: Stage) -> Stage:
    """Three days of 12 kW, with an hour missing on the 25th, 02:00 to 03:00 summer time."""
    begin = datetime(2026, 10, 23, 22, tzinfo=UTC)
    starts = [begin + n * SLOT for n in range((NOW - begin) // SLOT)]
    missing = datetime(2026, 10, 25, 0, tzinfo=UTC)
    readings = [
        Reading(at, 12.0, amps=(10.0, 20.0, 30.0))
        for at in starts
        if not missing <= at < missing + timedelta(hours=1)
    ]
    here.series.keep("hq", readings)
    return here


def rows(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


class TestCsv:
    """For a spreadsheet."""

    def test_a_day_of_25_hours(self, days: Stage) -> None:
        """Each hour is a row, and the two between two and three have different offsets."""
        found = rows(days.get(from_="2026-10-25", to="2026-10-26", by="hour"))
        assert len(found) == 25
        assert [one["from"] for one in found[1:5]] == [
            "2026-10-25T01:00+02:00", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00",
            "2026-10-25T03:00+01:00",
        ]  # fmt: skip
        assert [one["energy_kWh"] for one in found[1:5]] == ["12.0", "", "12.0", "12.0"]
        assert found[2]["read_percent"] == "0"
        assert found[3]["L3_max_A"] == "30.0"

    @pytest.mark.parametrize("by", ["5min", "hour", "day", "month"])
    def test_sums_are_the_same(self, days: Stage, by: str) -> None:
        """Whatever the rows are."""
        found = rows(days.get(from_="2026-10-24", to="2026-10-26", by=by))
        total = math.fsum(float(one["energy_kWh"] or 0) for one in found)
        assert total == pytest.approx(12.0 * 48)

    def test_its_form(self, days: Stage) -> None:
        """RFC 4180, to be saved under a name."""
        answer = days.get(by="hour")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="hq-hour-2026-10-25.csv"'
        )
        first = "from,to,energy_kWh,mean_kW,peak_kW,L1_max_A,L2_max_A,L3_max_A,read_percent\r\n"
        assert answer.text.startswith(first)

    def test_what_nobody_asked_for(self, days: Stage) -> None:
        """The last day, by the hour."""
        found = rows(days.get())
        assert (found[0]["from"], found[-1]["to"]) == (
            "2026-10-25T13:00+01:00", "2026-10-26T13:00+01:00",
        )  # fmt: skip


class TestOtherForms:
    """For programs, and for eyes."""

    def test_json(self, days: Stage) -> None:
        """With the sum."""
        found = days.get(from_="2026-10-25", to="2026-10-26", by="day", as_="json").json
        assert (found["meter"], found["by"], found["zone"]) == ("hq", "day", "Europe/Oslo")
        assert found["kwh"] == 288.0
        [day] = found["buckets"]
        assert day == {
            "from": "2026-10-25T00:00+02:00", "to": "2026-10-26T00:00+01:00", "kwh": 288.0,
            "kw": 12.0, "peak_kw": 12.0, "amps": [10.0, 20.0, 30.0], "read": 0.96,
        }  # fmt: skip

    @pytest.mark.parametrize("graph", ["hist", "line"])
    @pytest.mark.parametrize("by", ["5min", "hour", "day", "month"])
    def test_a_picture(self, days: Stage, graph: str, by: str) -> None:
        """PNG, 1600 by 800."""
        answer = days.get(from_="2026-10-24", to="2026-10-26", by=by, as_="png", graph=graph)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.body.startswith(b"\x89PNG\r\n\x1a\n")
        assert answer.body[16:24] == (1600).to_bytes(4, "big") + (800).to_bytes(4, "big")

    def test_a_picture_of_nothing(self, here: Stage) -> None:
        """Is a picture, too."""
        assert here.get(as_="png").body.startswith(b"\x89PNG")

    @pytest.mark.parametrize("accept", ["image/png", "*/*", "text/html,*/*;q=0.8", None])
    def test_whatever_is_accepted(self, days: Stage, accept: str | None) -> None:
        """A browser's list, curl's, and none at all."""
        path = "/energy?meter=hq&as=png"
        answer = days.ask("GET", path) if accept is None else days.ask("GET", path, accept=accept)
        assert answer.status == 200
        assert answer.body.startswith(b"\x89PNG")


class TestBadQuestions:
    """400, with what to do."""

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ({"from": "2026-10-26", "to": "2026-10-25"}, "from is not before to"),
            ({"from": "2026-10-25", "to": "2026-10-25"}, "from is not before to"),
            ({"from": "1976-01-01", "to": "2026-01-01"}, "longer than 1100 days"),
            ({"from": "1976-01-01", "to": "2026-01-01", "by": "month"}, "longer than 1100 days"),
            ({"from": "2024-10-26", "by": "5min"}, "shorter time"),
            ({"from": "2024-10-26", "by": "hour", "as": "png"}, "at most 2500"),
            ({"from": "2026-10-25T08:00"}, "from has no zone"),
            ({"to": "2026-10-25T08:00:00"}, "to has no zone"),
            ({"from": "yesterday"}, "from is a day such as"),
            ({"from": "2026-13-01"}, "from is a day such as"),
            ({"from": "0001-01-01"}, "from is a day such as"),
            ({"from": "9999-12-31T23:59:59-14:00"}, "from is a day such as"),
            ({"from": "2026-10-25" * 10}, "from is a day such as"),
            ({"zone": "Europe/Atlantis"}, "zone is a time zone"),
            ({"zone": "../../etc/passwd"}, "zone is a time zone"),
            ({"zone": "/etc/localtime"}, "zone is a time zone"),
            ({"by": "week"}, "by is one of 5min, hour, day, month"),
            ({"as": "pdf"}, "as is one of csv, png, json"),
            ({"graph": "pie"}, "graph is one of hist, line"),
            ({"form": "csv"}, "unknown: form; known: as, by, "),
        ],
    )
    def test_it_says_why(self, here: Stage, query: dict[str, str], why: str) -> None:
        """And what is possible."""
        answer = here.ask("GET", f"/energy?{urlencode({'meter': 'hq', **query})}")
        assert answer.status == 400
        assert why in answer.json["error"]

    @pytest.mark.parametrize("by", ["5min", "hour", "day", "month"])
    @pytest.mark.parametrize(
        ("begin", "end"),
        [
            ("", "0001-01-02T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T01:00:00Z"),
            ("", "9999-12-31T23:59:59Z"),
            ("9999-12-30", "9999-12-31"),
        ],
    )
    def test_where_the_calendar_ends(self, here: Stage, begin: str, end: str, by: str) -> None:
        """Is refused: neither the bucket before nor the one after could be reckoned."""
        zone = "America/Los_Angeles"  # whose first hours begin before the calendar
        query = {"meter": "hq", "from": begin, "to": end, "by": by, "zone": zone}
        answer = here.ask("GET", f"/energy?{urlencode(query)}")
        assert answer.status == 400
        assert "is a day such as" in answer.json["error"]

    def test_a_bare_plus_is_a_plus(self, days: Stage) -> None:
        """Nobody escapes it."""
        path = "/energy?meter=hq&from=2026-10-26T08:00:00+01:00&to=2026-10-26T09:00:00%2B01:00"
        assert [one["energy_kWh"] for one in rows(days.ask("GET", path))] == ["12.0"]

    def test_the_store_is_down(self, days: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """503, not an empty table."""

        def down(*_: object) -> None:
            raise StoreUnavailable("gone")

        monkeypatch.setattr(days.series, "slots", down)
        assert days.get().status == 503


class TestLinks:
    """For who has no key."""

    @pytest.fixture
    def address(self, days: Stage) -> str:
        meter = days.meters.get("hq")
        assert meter
        query = {"from": "2026-10-25", "to": "2026-10-26", "by": "day", "as": "json"}
        whole = link("https://ev.example.org/", meter, query, NOW + timedelta(days=7))
        assert whole.startswith("https://ev.example.org/energy?")
        parts = urlsplit(whole)
        return f"{parts.path}?{parts.query}"

    def test_it_gives_what_it_says(self, days: Stage, address: str) -> None:
        """Without a key."""
        assert days.ask("GET", address, key=None).json["kwh"] == 288.0

    def test_it_ends(self, days: Stage, address: str) -> None:
        """403 from then on."""
        days.clock.advance(days=7)
        answer = days.ask("GET", address, key=None)
        assert answer.status == 403
        assert "ended" in answer.json["error"]

    @pytest.mark.parametrize("name", ["from", "to", "by", "as", "meter", "expires", "signature"])
    def test_nothing_of_it_can_be_changed(self, days: Stage, address: str, name: str) -> None:
        """Neither what it asks for, nor how long."""
        days.meters.add("other", "UTC")
        changed = {
            "from": "2026-10-24", "to": "2026-10-27", "by": "hour", "as": "csv", "meter": "other",
            "expires": "9999999999", "signature": "0" * 64,
        }  # fmt: skip
        query = dict(parse_qsl(urlsplit(address).query)) | {name: changed[name]}
        assert days.ask("GET", f"/energy?{urlencode(query)}", key=None).status == 403

    @pytest.mark.parametrize("more", ["zone=UTC", "graph=line", "signature=", "strange=1"])
    def test_nothing_can_be_added(self, days: Stage, address: str, more: str) -> None:
        """Not even what it doesn't say."""
        assert days.ask("GET", f"{address}&{more}", key=None).status in (401, 403)

    def test_a_new_key_ends_it(self, days: Stage, address: str) -> None:
        """So does removing the meter."""
        days.meters.renew("hq")
        assert days.ask("GET", address, key=None).status == 403
        days.meters.remove("hq")
        assert days.ask("GET", address, key=None).status == 403
