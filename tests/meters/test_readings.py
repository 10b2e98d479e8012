"""POST /meters/{meter}/readings: who may, what is taken, and when it is acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.edges import StoreUnavailable
from chalicelib.energy.readings import Reading
from tests.meters.kit import Stage, stage

NOW = datetime(2026, 11, 29, 8, 5, tzinfo=UTC)
GOOD = {"at": "2026-11-29T08:05:00Z", "kw": 3.2, "kwh": 1234.5, "amps": [4, 5, 6]}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, NOW) as found:
        yield found


def kept(here: Stage, meter: str = "hq") -> list[Reading]:
    return list(here.series.readings(meter, NOW - timedelta(days=2), NOW + timedelta(days=1)))


class TestTaken:
    """202, and it is kept."""

    def test_a_reading(self, here: Stage) -> None:
        """The example of the documentation."""
        answer = here.send(GOOD)
        assert (answer.status, answer.json) == (202, {"taken": 1})
        assert kept(here) == [Reading(NOW, 3.2, 1234.5, (4.0, 5.0, 6.0))]

    @pytest.mark.parametrize(
        "kind",
        [
            "application/json; charset=utf-8", "text/plain", "application/octet-stream",
            "application/x-www-form-urlencoded", "",
        ],
    )  # fmt: skip
    def test_whatever_it_calls_its_json(self, here: Stage, kind: str) -> None:
        """Small devices, and curl, say something else or nothing."""
        here.content_type = kind
        assert here.send(GOOD).json == {"taken": 1}
        assert len(kept(here)) == 1

    def test_the_same_again_and_out_of_order(self, here: Stage) -> None:
        """Both are taken, and nothing is there twice."""
        early = {"at": "2026-11-29T08:04:00Z", "kw": 1}
        for batch in ([GOOD], [early, GOOD], [GOOD], [early]):
            assert here.send(*batch).status == 202
        assert [one.kw for one in kept(here)] == [1.0, 3.2]

    def test_500_are_taken_and_501_are_not(self, here: Stage) -> None:
        """The whole body is refused."""
        many = [{"at": (NOW - timedelta(seconds=n)).isoformat(), "kw": n} for n in range(501)]
        refused = here.send(*many)
        assert refused.status == 400
        assert refused.json == {"error": "readings is a list of 1 to 500"}
        assert kept(here) == []
        assert here.send(*many[:500]).json == {"taken": 500}
        assert len(kept(here)) == 500

    def test_the_store_is_down(self, here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is acknowledged; the device is told when to send again."""

        def down(*_: object) -> None:
            raise StoreUnavailable("the disk is full")

        monkeypatch.setattr(here.series, "keep", down)
        answer = here.send(GOOD)
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "5"
        assert "send it again" in answer.json["error"]


class TestRefused:
    """A clear answer, and nothing half kept."""

    def test_one_bad_reading_refuses_all(self, here: Stage) -> None:
        """And is named."""
        answer = here.send(GOOD, GOOD | {"kw": -1}, GOOD)
        assert answer.status == 400
        assert answer.json["index"] == 1
        assert answer.json["error"].startswith("readings[1]: kw is not negative")
        assert kept(here) == []

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"readings": [{"at": NaN}]}',
            b'{"readings": [{"at": "2026-11-29T08:05:00Z", "kw": Infinity}]}',
            b'{"readings": [{"at": "2026-11-29T08:05:00Z", "kw": 1e999}]}',
            b"[" * 50_000, b'{"readings":' + b"[" * 50_000,
            b'{"readings": [{"at": "2026-11-29T08:05:00Z", "kw": ' + b"9" * 5_000 + b"}]}",
            b'{"readings": [{"at": "\\ud800", "kw": 1}]}',
        ],
    )  # fmt: skip
    def test_what_is_no_body(self, here: Stage, body: bytes) -> None:
        """400 with a reason, whatever was sent."""
        answer = here.ask("POST", "/meters/hq/readings", body)
        assert answer.status == 400
        assert answer.json["error"]
        assert kept(here) == []

    def test_a_large_body(self, here: Stage) -> None:
        """413; it isn't even parsed."""
        answer = here.ask("POST", "/meters/hq/readings", b"[" * (128 * 1024 + 1))
        assert answer.status == 413

    def test_who_speaks_too_often(self, here: Stage) -> None:
        """429 until its bucket has filled, for this meter alone."""
        other = here.meters.add("other", "UTC")
        assert other
        while (answer := here.send(GOOD)).status == 202:
            pass
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) == 1
        assert here.send(GOOD, meter="other", key=other).status == 202
        here.clock.advance(seconds=1)
        assert here.send(GOOD).status == 202


class TestKeys:
    """Proven before anything is read."""

    @pytest.mark.parametrize("key", [None, "wrong", "x" * 10_000, "é", " "])
    def test_a_wrong_key(self, here: Stage, key: str | None) -> None:
        """401, whatever is in the body, and that of a meter that isn't there is the same."""
        nonsense = here.ask("POST", "/meters/hq/readings", b"[" * 200_000, key)
        assert nonsense.status == 401
        assert nonsense.headers["WWW-Authenticate"].startswith("Bearer")
        nowhere = here.send(GOOD, meter="nowhere", key=key)
        assert (nowhere.status, nowhere.body) == (401, nonsense.body)
        assert here.get(key=key).status == 401
        assert kept(here) == []

    def test_another_meters_key(self, here: Stage) -> None:
        """It is good for that one alone."""
        other = here.meters.add("other", "UTC")
        assert here.send(GOOD, key=other).status == 401
        assert here.send(GOOD, meter="other", key=here.key).status == 401
        assert kept(here) == kept(here, "other") == []

    def test_the_scheme(self, here: Stage) -> None:
        """Bearer, however it is spelt; Basic is another."""
        body = json.dumps({"readings": [GOOD]}).encode()
        for scheme, status in (("bearer", 202), ("BEARER", 202), ("Basic", 401), ("", 401)):
            words = f"{scheme} {here.key}".strip()
            answer = here.ask("POST", "/meters/hq/readings", body, None, authorization=words)
            assert answer.status == status

    def test_a_new_key_ends_the_old_one(self, here: Stage) -> None:
        """At once, on one machine."""
        new = here.meters.renew("hq")
        assert new
        assert here.send(GOOD).status == 401
        assert here.send(GOOD, key=new).status == 202
        assert here.meters.remove("hq")
        assert here.send(GOOD, key=new).status == 401

    def test_no_key_is_kept(self, here: Stage, tmp_path: Path) -> None:
        """Whoever reads the store can't send."""
        here.send(GOOD)
        for file in tmp_path.iterdir():
            assert here.key.encode() not in file.read_bytes()

    @pytest.mark.parametrize("name", ["../hq", "hq%00", "HQ", "", "hq/readings", "a" * 41])
    def test_odd_names(self, here: Stage, name: str) -> None:
        """There is no such meter, or no such place."""
        assert here.send(GOOD, meter=name).status in (401, 404)


class TestRemembered:
    """Where asking the store costs something, a right key is believed for some seconds."""

    def test_a_right_key_only(self, here: Stage) -> None:
        """A wrong one is never believed, nor an old one for longer than that."""
        now = [0.0]
        from chalicelib.meters.keys import Meters

        meters = Meters(here.meters._records, timedelta(seconds=10), lambda: now[0])
        assert meters.proven("hq", here.key)
        new = here.meters.renew("hq")
        assert new
        assert meters.proven("hq", here.key)
        assert not meters.proven("hq", "wrong")
        now[0] = 10.1
        assert not meters.proven("hq", here.key)
        assert meters.proven("hq", new)
